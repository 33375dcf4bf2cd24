//! The `drumline` program itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use drumline_shared::wire::control::{ServerMessage, Welcome, read_control};
use jsonwebtoken::{EncodingKey, Header, encode, get_current_timestamp};

fn drumline(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_drumline"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).stdin(Stdio::null());
    command
}

/// The address in the ready line, and the rest of standard output to be read.
fn ready(child: &mut Child) -> (String, BufReader<ChildStdout>) {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    (line.strip_prefix("drumline listening on http://").expect("the ready line").trim().to_owned(), output)
}

#[cfg(unix)]
#[test]
fn the_program_prints_a_ready_line_and_at_its_end_its_tick_quality() {
    for signal in ["-INT", "-TERM"] {
        let mut child = drumline(&["--bind", "127.0.0.1:0", "--shards", "2"]).spawn().unwrap();
        let (address, mut output) = ready(&mut child);
        assert!(!address.ends_with(":0"), "the port that it got");
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert!(child.wait().unwrap().success());
        let first_words: Vec<_> = rest.lines().map(|line| line.split_whitespace().next()).collect();
        // A heading, and two lines for each shard: its life and its last minute.
        assert_eq!(first_words, ["shard", "0", "lately", "1", "lately"].map(Some), "{rest}");
        assert!(rest.contains("lateness us p50") && rest.contains("duration us p50"), "{rest}");
    }
}

#[test]
fn a_taken_port_is_a_helpful_error() {
    let mut first = drumline(&["--bind", "127.0.0.1:0"]).spawn().unwrap();
    let (address, _output) = ready(&mut first);
    let second = drumline(&["--bind", &address]).output().unwrap();
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(second.status.code(), Some(1));
    let words = String::from_utf8(second.stderr).unwrap();
    assert!(words.contains("cannot listen on") && words.contains("--bind"), "{words}");
}

#[test]
fn settings_from_the_environment_are_checked() {
    let mut child =
        drumline(&[]).env("DRUMLINE_BIND", "127.0.0.1:0").env("DRUMLINE_SHARDS", "1").spawn().unwrap();
    assert!(ready(&mut child).0.starts_with("127.0.0.1:"));
    child.kill().unwrap();
    child.wait().unwrap();
    for bad in [
        ["--tick-hz", "0"],
        ["--max-players", "5000"],
        ["--budget-bytes", "255"],
        ["--resume-seconds", "3601"],
        ["--bind", "nowhere"],
    ] {
        let mut child = drumline(&bad).spawn().unwrap();
        let mut words = String::new();
        child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(2));
        assert!(words.contains(bad[0]), "{words}");
    }
}

/// Does a handshake with `offer` among the subprotocols, and reads the welcome.
fn connect(address: &str, query: &str, offer: &str) -> (TcpStream, Welcome) {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /play/arena?{query} HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: drumline.1, {offer}\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    let mut header = [0; 4];
    stream.read_exact(&mut header).unwrap();
    assert_eq!(header[..2], [0x82, 126], "a binary frame whose length is in two bytes");
    let mut welcome = vec![0; u16::from_be_bytes([header[2], header[3]]).into()];
    stream.read_exact(&mut welcome).unwrap();
    let Ok(ServerMessage::Welcome(welcome)) = read_control(&welcome) else { panic!("a welcome first") };
    (stream, *welcome)
}

#[cfg(unix)]
#[test]
fn on_sighup_the_program_reloads_the_keys_of_tokens() {
    let path = std::env::temp_dir().join(format!("drumline-program-secret-{}", std::process::id()));
    let secrets = ["the first secret of the server's keys", "the second secret of the server's keys"];
    let claims = serde_json::json!({ "sub": "ada-1", "exp": get_current_timestamp() + 60 });
    let tokens = secrets.map(|secret| {
        encode(&Header::default(), &claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    });
    std::fs::write(&path, secrets[0]).unwrap();
    let mut child = drumline(&["--bind", "127.0.0.1:0"])
        .env("DRUMLINE_AUTH__MODE", "jwt")
        .env("DRUMLINE_AUTH__KEY_FILE", &path)
        .spawn()
        .unwrap();
    let (address, _output) = ready(&mut child);
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut reload = |secret: &str, words: &str| {
        std::fs::write(&path, secret).unwrap();
        Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
        assert!(log.any(|line| line.unwrap().contains(words)), "{words}");
    };
    let is_good = |token: &str| ask(&address, token).starts_with("HTTP/1.1 200");
    assert_eq!([&tokens[0], &tokens[1]].map(|token| is_good(token)), [true, false]);
    reload("short", "the keys for tokens were not reloaded; the old ones stay in use");
    assert_eq!([&tokens[0], &tokens[1]].map(|token| is_good(token)), [true, false]);
    reload(secrets[1], "the keys for tokens were reloaded");
    assert_eq!([&tokens[0], &tokens[1]].map(|token| is_good(token)), [false, true]);
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_file(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn on_sighup_the_program_reloads_its_bans() {
    let path = std::env::temp_dir().join(format!("drumline-program-bans-{}.toml", std::process::id()));
    std::fs::write(&path, "").unwrap();
    let mut child = drumline(&["--bind", "127.0.0.1:0", "--config"]).arg(&path).spawn().unwrap();
    let (address, _output) = ready(&mut child);
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut reload = |settings: &str, words: &str| {
        std::fs::write(&path, settings).unwrap();
        Command::new("kill").args(["-HUP", &child.id().to_string()]).status().unwrap();
        assert!(log.any(|line| line.unwrap().contains(words)), "{words}");
    };
    let (mut stream, _) = connect(&address, "name=a", "x");
    reload("limits.banned = [\"127.0.0.0/8\"]", "limits.banned was reloaded");
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    let close = [&4012_u16.to_be_bytes()[..], b"this address or account is banned"].concat();
    assert!(rest.ends_with(&close), "the player is out");
    assert!(ask(&address, "x").contains("\"banned\""), "and nobody gets in");
    reload("limits.banned = [\"soup\"]", "limits.banned was not reloaded; the old bans stay");
    assert!(ask(&address, "x").contains("\"banned\""));
    reload("", "limits.banned was reloaded");
    assert!(ask(&address, "x").starts_with("HTTP/1.1 200"));
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_file(&path).unwrap();
}

/// Requests a ticket with a token, over a connection of its own. Returns the answer.
fn ask(address: &str, token: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let body = r#"{"game":"arena"}"#;
    let request = format!(
        "POST /api/join HTTP/1.1\r\nhost: test\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn ticket(address: &str, token: &str) -> String {
    let answer = ask(address, token);
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    body["ticket"].as_str().unwrap_or_else(|| panic!("{body}")).to_owned()
}

#[test]
fn no_token_or_ticket_is_ever_in_the_logs() {
    const SECRET: &str = "a secret that is known to the tests alone";
    let mut child = drumline(&["--bind", "127.0.0.1:0"])
        .envs([("DRUMLINE_LOG", "trace"), ("DRUMLINE_AUTH__MODE", "jwt"), ("DRUMLINE_AUTH__KEY", SECRET)])
        .spawn()
        .unwrap();
    let (address, _output) = ready(&mut child);
    let mut stderr = child.stderr.take().unwrap();
    // Read as it is written: a full pipe would stop the server.
    let log = thread::spawn(move || {
        let mut log = String::new();
        stderr.read_to_string(&mut log).unwrap();
        log
    });
    let claims = serde_json::json!({ "sub": "ada-1", "exp": get_current_timestamp() + 60 });
    let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap();
    let wrong = format!("{token}xyz");
    let refused = ask(&address, &wrong);
    assert!(refused.starts_with("HTTP/1.1 401") && !refused.contains(&wrong), "{refused}");

    let tickets = [(); 2].map(|()| ticket(&address, &token));
    // The second connection takes over the seat of the first: both are of one account.
    let (first, _) = connect(&address, "", &format!("drumline.ticket.{}", tickets[0]));
    let (by_query, welcome) = connect(&address, &format!("ticket={}", tickets[1]), "x");
    let session = format!("session={}&tick={}", welcome.session, welcome.tick);
    let (second, resumed) = connect(&address, &session, "x");
    let (third, again) = connect(&address, "", &format!("drumline.session.{}", resumed.session));
    drop((first, by_query, second, third));
    child.kill().unwrap();
    child.wait().unwrap();
    let log = log.join().unwrap();
    assert!(log.contains("joined") && log.contains("resumed"), "{log}");
    // The claims and the signatures of tickets and tokens must not be logged. All begin alike.
    let sessions = [welcome.session, resumed.session, again.session];
    let of_all =
        tickets.iter().chain([&token, &wrong]).chain(&sessions).flat_map(|text| text.split('.').skip(1));
    for part in of_all.chain([SECRET, "Bearer"]) {
        assert!(!log.contains(part), "{part}: {log}");
    }
}
