//! Sections of an author's own, in a server that a test starts. `own_program` loads them from their sources.

use std::sync::Arc;

use crate::probe::{Player, Probe, Shelf, config};
use drumline::{Server, StartError};
use serde::{Deserialize, Serialize};

#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Labels {
    label: String,
}

impl Default for Labels {
    fn default() -> Self {
        Self { label: "by default".to_owned() }
    }
}

fn server(name: &'static str) -> Server {
    Server::new().context(Arc::new(Shelf::new())).section(name, |labels: Labels, server| {
        server.game_with(move |_| Probe { label: labels.label.clone(), ..Probe::default() })
    })
}

#[tokio::test]
async fn the_settings_reach_the_games() {
    let mut config = config();
    for expected in ["by default", "by the test"] {
        let server = server("labels").start(&config).unwrap();
        assert_eq!(Player::join(&server, "").await.label, expected);
        server.stop();
        config.sections.set("labels", Labels { label: "by the test".to_owned() });
    }
}

#[test]
fn a_name_that_cannot_be_one_is_an_error_at_the_start() {
    let twice = server("labels").section("labels", |_: Labels, server| server);
    let inside = Server::new().section("outer", |_: Labels, server: Server| {
        server.game::<Probe>().section("tls", |_: Labels, server| server)
    });
    for (server, words) in [
        (server("rooms"), "`rooms` is the server's own"),
        (server("bind"), "`bind` is the server's own"),
        (server("Labels"), "lower-case letters"),
        (server("my__labels"), "lower-case letters"),
        (server(""), "lower-case letters"),
        (twice, "two sections are named `labels`"),
        (inside, "`tls` is the server's own"),
    ] {
        match server.start(&config()) {
            Err(StartError::Section(error)) => assert!(error.contains(words), "{error}"),
            other => panic!("{words}: {other:?}"),
        }
    }
}
