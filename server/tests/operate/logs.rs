//! The program's log: its forms and its rate limit.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use crate::common::{Client, http};
use serde_json::Value;

/// Starts the program. Returns its address, and its whole log once it has ended.
fn start(settings: &[&str]) -> (Child, SocketAddr, JoinHandle<String>) {
    let settings = settings.iter().flat_map(|setting| ["--set", setting]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_drumline"))
        .args(["--bind", "127.0.0.1:0"])
        .args(settings)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let mut ready = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut ready).unwrap();
    let address = ready.strip_prefix("drumline listening on http://").expect("the ready line").trim();
    let mut stderr = child.stderr.take().unwrap();
    // Read as it is written: a full pipe would stop the server.
    let log = thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).unwrap();
        // The rest of standard output is not checked, but must be read: a full pipe would stop the program.
        output.read_to_string(&mut String::new()).unwrap();
        log
    });
    (child, address.parse().unwrap(), log)
}

fn interrupt(child: &mut Child) {
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn ten_thousand_refusals_are_some_hundred_lines_and_a_report_of_the_rest() {
    const CONNECTIONS: usize = 10;
    const REQUESTS: usize = 1000;
    let (mut child, address, log) = start(&[]);
    let began = Instant::now();
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(address).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let request = "GET /play/arena?room=nowhere HTTP/1.1\r\nhost: test\r\n\r\n".repeat(REQUESTS);
        let answers = thread::spawn(move || {
            let mut refused = 0;
            let mut line = String::new();
            while refused < REQUESTS && reader.read_line(&mut line).unwrap() > 0 {
                refused += usize::from(line.starts_with("HTTP/1.1 404") || line.contains("}HTTP/1.1 404"));
                line.clear();
            }
            refused
        });
        stream.write_all(request.as_bytes()).unwrap();
        assert_eq!(answers.join().unwrap(), REQUESTS);
    }
    let seconds = began.elapsed().as_secs() as usize + 1;
    interrupt(&mut child);
    let log = log.join().unwrap();
    let lines = log.lines().filter(|line| line.contains("a join was refused")).count();
    assert!((200..=200 + 10 * seconds).contains(&lines), "{lines} lines in {seconds} s");
    let told = log.lines().filter(|line| line.contains("suppressed"));
    let left_out: usize = told
        .map(|line| {
            let (_, count) = line.split_once("lines=").expect("how many");
            count.split_whitespace().next().unwrap().parse::<usize>().unwrap()
        })
        .sum();
    assert_eq!(lines + left_out, CONNECTIONS * REQUESTS, "none is forgotten");
}

#[tokio::test]
async fn a_line_can_be_an_object_with_room_and_player() {
    let (mut child, address, log) = start(&["log.format=json", "log.filter=info"]);
    let client = Client::join(&address, "name=Ada").await;
    let room = client.welcome.room.clone();
    drop(client);
    interrupt(&mut child);
    let log = log.join().unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let joined = lines.iter().find(|line| line["message"] == "joined").unwrap();
    assert_eq!(
        (&joined["room"], &joined["player"], &joined["level"]),
        (&room.into(), &"0".into(), &"INFO".into())
    );
    let opened = lines.iter().find(|line| line["message"] == "room opened").unwrap();
    assert_eq!((&opened["room"], &opened["game"]), (&joined["room"], &"arena".into()));
}

/// The log of a server that a player joins and leaves and that refuses another, and what it shows of their address.
async fn addresses_in_the_log(form: &str) -> Vec<Value> {
    let (mut child, address, log) = start(&["log.format=json", form]);
    let client = Client::join(&address, "name=Ada").await;
    drop(client);
    assert_eq!(http(&address, "GET", "/play/arena?room=nowhere", "").await.0, 404);
    let mut other = Client::join(&address, "name=Bob").await;
    interrupt(&mut child);
    other.closed().await;
    let log = log.join().unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let shown = |message: &str| {
        let line = lines.iter().find(|line| line["message"] == message);
        line.unwrap_or_else(|| panic!("{message}: {log}"))["client"].clone()
    };
    ["joined", "a join was refused", "connection ended"].map(shown).into()
}

#[tokio::test]
async fn joins_refusals_and_closes_show_the_clients_address_in_the_wanted_form() {
    assert_eq!(addresses_in_the_log("log.addresses=full").await, ["127.0.0.1"; 3]);
    assert_eq!(addresses_in_the_log("log.addresses=truncated").await, ["127.0.0.0/24"; 3]);
    assert_eq!(addresses_in_the_log("log.addresses=none").await, [(); 3].map(|()| Value::Null));
}

#[tokio::test]
async fn a_proxy_on_this_machine_that_is_not_listed_is_warned_of_once_a_minute() {
    let forwarded = "x-forwarded-for: 203.0.113.7\r\n";
    for (setting, warnings) in
        [("limits.trusted_proxies=[]", 1), ("limits.trusted_proxies=[\"127.0.0.1\"]", 0)]
    {
        let (mut child, address, log) = start(&[setting]);
        for headers in ["", forwarded, forwarded, forwarded] {
            http(&address, "GET", "/healthz", headers).await;
        }
        interrupt(&mut child);
        let log = log.join().unwrap();
        let lines = log.lines().filter(|line| line.contains("is not in limits.trusted_proxies"));
        assert_eq!(lines.count(), warnings, "{setting}: {log}");
    }
}
