//! A program of an author's own: its name, its version, its section of the configuration.
//!
//! This test is the program as well: it starts itself.

#![allow(clippy::unwrap_used, reason = "a test may unwrap")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{env, fs};

use drumline::axum::Router;
use drumline::axum::routing::get;
use drumline::{Secret, Server};
use drumline_arena::Arena;
use serde::{Deserialize, Serialize};

/// Set for the program, and not for the test.
const IS_PROGRAM: &str = "TAG_PARTY";

/// The section of the program.
#[derive(Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct TagSettings {
    round_seconds: u32,
    maps: Vec<String>,
    password: Option<Secret>,
    bots: Bots,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Bots {
    most: u8,
}

impl Default for TagSettings {
    fn default() -> Self {
        Self { round_seconds: 120, maps: vec!["small".into()], password: None, bots: Bots { most: 3 } }
    }
}

fn main() -> ExitCode {
    if env::var_os(IS_PROGRAM).is_some() {
        return program();
    }
    let folder = Folder(env::temp_dir().join(format!("tag-party-{}", std::process::id())));
    fs::create_dir_all(&folder.0).unwrap();
    it_has_its_own_name(&folder.0);
    its_section_comes_from_all_sources(&folder.0);
    mistakes_are_named_with_their_places(&folder.0);
    it_runs_with_its_settings(&folder.0);
    ExitCode::SUCCESS
}

fn program() -> ExitCode {
    Server::new()
        .name("tag-party", "7.8.9")
        .section("tag", |settings: TagSettings, server| {
            let answer = format!("{} {:?}", settings.round_seconds, settings.maps);
            server.game::<Arena>().routes(Router::new().route("/settings", get(|| async { answer })))
        })
        .run()
}

/// A folder in which the program is started. It is deleted with this.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn command(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    command.env(IS_PROGRAM, "1").envs(variables.iter().copied());
    command
}

/// Runs the program to its end. Returns its exit code, standard output and standard error.
fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String, String) {
    let output = command(folder, arguments, variables).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code().unwrap(), out, err)
}

fn it_has_its_own_name(folder: &Path) {
    assert_eq!(run(folder, &["--version"], &[]), (0, "tag-party 7.8.9\n".into(), String::new()));
    let (code, help, _) = run(folder, &["--help"], &[]);
    assert!(code == 0 && help.contains("tag-party config --print-default"), "{help}");
    let (code, types, error) = run(folder, &["types", "arena"], &[]);
    assert!(code == 0 && types.contains("Arena"), "{error}");
    let (code, _, error) = run(folder, &["types", "chess"], &[]);
    assert_eq!((code, &*error), (2, "tag-party: there is no game `chess`, only arena\n"));
}

fn its_section_comes_from_all_sources(folder: &Path) {
    let (code, defaults, _) = run(folder, &["config", "--print-default"], &[]);
    let own = "[tag]\nround_seconds = 120\nmaps = [\"small\"]\n\n[tag.bots]\nmost = 3\n";
    assert!(code == 0 && defaults.starts_with("# The settings") && defaults.ends_with(own), "{defaults}");
    fs::write(
        folder.join("drumline.toml"),
        "[tag]\nround_seconds = 1\nmaps = [\"a\"]\n[tag.bots]\nmost = 1\n",
    )
    .unwrap();
    let variables = [("DRUMLINE_TAG__ROUND_SECONDS", "2"), ("DRUMLINE_TAG__PASSWORD", "hunter2")];
    let arguments = ["--set", "tag.maps=b,c", "--set", "tag.bots.most=2", "config", "--print"];
    let (code, printed, error) = run(folder, &arguments, &variables);
    assert_eq!(code, 0, "{error}");
    assert!(!printed.contains("hunter2"), "a secret is not shown");
    let all: toml::Table = toml::from_str(&printed).unwrap();
    let tag = &all["tag"];
    assert_eq!(tag["round_seconds"].as_integer(), Some(2));
    assert_eq!(tag["maps"], toml::Value::from(vec!["b", "c"]));
    assert_eq!(tag["bots"]["most"].as_integer(), Some(2));
    assert!(all.contains_key("rooms"));
    fs::remove_file(folder.join("drumline.toml")).unwrap();
}

fn mistakes_are_named_with_their_places(folder: &Path) {
    for (text, words) in [
        ("[rooms]\nshards = 1\n[tag]\nround_seconds = -1\n", "line 4: tag.round_seconds: "),
        ("[tag]\nround = 1\n", "line 2: tag.round: unknown field `round`"),
        ("[tag]\n[tag.bots]\nmost = 300\n", "line 3: tag.bots.most: "),
        ("tag = 3\n", "line 1: tag: "),
        ("[tug]\n", "line 1: tug: unknown field `tug`"),
    ] {
        fs::write(folder.join("wrong.toml"), text).unwrap();
        let (code, _, error) = run(folder, &["config", "--check", "wrong.toml"], &[]);
        assert!(
            code == 2 && error.starts_with("tag-party: wrong.toml, ") && error.contains(words),
            "{error}"
        );
    }
    let (code, _, error) = run(folder, &["config", "--check"], &[("DRUMLINE_TAG__ROUND_SECONDS", "soon")]);
    assert!(code == 2 && error.contains("variable DRUMLINE_TAG__ROUND_SECONDS: "), "{error}");
    let (code, _, error) = run(folder, &["--set", "tag.round=1", "config", "--check"], &[]);
    assert!(code == 2 && error.contains("unknown field `round`"), "{error}");
}

fn it_runs_with_its_settings(folder: &Path) {
    let arguments = ["--bind", "127.0.0.1:0", "--shards", "1", "--set", "tag.round_seconds=9"];
    let mut child = command(folder, &arguments, &[]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.strip_prefix("drumline listening on ").expect("the ready line").trim();
    let answer = ureq::get(&format!("{url}/settings")).call().unwrap().body_mut().read_to_string().unwrap();
    assert_eq!(answer, "9 [\"small\"]");
    child.kill().unwrap();
    child.wait().unwrap();
}
