//! HTTPS and WSS, with certificates that the tests make.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use crate::common::{Client, soon, start};
use drumline::{Config, Limits, Server, StartError, TlsConfig, TlsError};
use drumline_arena::Arena;
use drumline_arena::world::Controls;
use drumline_shared::wire::control::{ClientMessage, SUBPROTOCOL, ServerMessage, write_control};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

/// A certificate for `localhost` in files of its own, which are deleted with this.
struct Files {
    folder: PathBuf,
    certificate: CertificateDer<'static>,
}

impl Files {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("drumline-tls-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut files = Self { folder, certificate: CertificateDer::from(Vec::new()) };
        files.renew();
        files
    }

    /// Replaces the certificate and its key.
    fn renew(&mut self) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        fs::write(self.folder.join("cert.pem"), made.cert.pem()).unwrap();
        fs::write(self.folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        self.certificate = made.cert.der().clone();
    }

    fn config(&self) -> Config {
        let [cert, key] = ["cert.pem", "key.pem"].map(|name| Some(self.folder.join(name)));
        Config { tls: TlsConfig { cert, key, ..TlsConfig::default() }, ..Config::on_free_port() }
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A handshake of a client that trusts one certificate and speaks one version.
async fn connect(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
    protocols: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(address).await.unwrap();
    handshake(stream, trusted, version, protocols).await
}

/// The same over a stream.
async fn handshake(
    stream: TcpStream,
    trusted: &CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
    protocols: &[&[u8]],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
    let name = ServerName::try_from("localhost").unwrap();
    soon(TlsConnector::from(Arc::new(config)).connect(name, stream)).await
}

async fn join(address: SocketAddr, files: &Files, query: &str) -> Client<TlsStream<TcpStream>> {
    let stream = connect(address, &files.certificate, &version::TLS13, &[b"http/1.1"]).await.unwrap();
    let mut client = Client::join_over(stream, &address, query).await;
    assert_eq!(client.update().await.ticks, 0, "a keyframe first");
    client
}

#[tokio::test]
async fn both_versions_serve_the_page_and_speak_http_1_1_alone() {
    let files = Files::new("page");
    let server = start(&files.config());
    assert!(server.url().starts_with("https://127.0.0.1:"));
    for version in [&version::TLS12, &version::TLS13] {
        let mut stream =
            connect(server.address(), &files.certificate, version, &[b"h2", b"http/1.1"]).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        soon(stream.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("<title>Arena"), "{answer}");
        assert!(connect(server.address(), &files.certificate, version, &[b"h2"]).await.is_err(), "no h2");
        assert!(connect(server.address(), &files.certificate, version, &[]).await.is_ok(), "no ALPN is fine");
    }
    let mut plain = TcpStream::connect(server.address()).await.unwrap();
    plain.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = soon(plain.read_to_end(&mut answer)).await;
    assert!(!answer.starts_with(b"HTTP"), "nothing is answered in the clear");
    server.stop();
}

#[tokio::test]
async fn browsers_are_told_to_use_tls_alone_if_the_operator_says_so() {
    let files = Files::new("hsts");
    let line = "\r\nstrict-transport-security: max-age=86400\r\n";
    for hsts_seconds in [0, 86_400] {
        let config = files.config();
        let server = start(&Config { tls: TlsConfig { hsts_seconds, ..config.tls }, ..config });
        for path in ["/", "/healthz", "/nothing", "/api/join"] {
            let mut stream =
                connect(server.address(), &files.certificate, &version::TLS13, &[]).await.unwrap();
            let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            soon(stream.read_to_string(&mut answer)).await.unwrap();
            assert_eq!(answer.contains(line), hsts_seconds > 0, "{path}: {answer}");
        }
        server.stop();
    }
    // Over plain HTTP the header would mean nothing.
    let tls = TlsConfig { hsts_seconds: 86_400, ..TlsConfig::default() };
    let server = start(&Config { tls, ..Config::on_free_port() });
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    assert!(!answer.contains("strict-transport-security"), "{answer}");
    server.stop();
}

#[tokio::test]
async fn a_client_that_is_silent_before_the_handshake_is_closed() {
    let files = Files::new("silent");
    let limits = Limits { handshake_seconds: 1, ..Limits::default() };
    let server = start(&Config { limits, ..files.config() });
    let mut silent = TcpStream::connect(server.address()).await.unwrap();
    let mut answer = Vec::new();
    soon(silent.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.is_empty());
    let counted = async {
        while !server.listing().refusals.contains_key("handshake_timeout") {
            tokio::task::yield_now().await;
        }
    };
    soon(counted).await;
    server.stop();
}

#[tokio::test]
async fn handshakes_of_an_address_are_limited_and_those_of_others_are_not() {
    const FLOOD: u64 = 200;
    let files = Files::new("flood");
    let limits = Limits { tls_handshakes_per_ip_second: 1, exempt: Vec::new(), ..Limits::default() };
    let server = start(&Config { limits, ..files.config() });
    let connect_from = async |ip: [u8; 4]| {
        let socket = TcpSocket::new_v4()?;
        socket.bind((ip, 0).into())?;
        // A refused connection may be reset even before the connect call returns.
        let stream = socket.connect(server.address()).await?;
        handshake(stream, &files.certificate, &version::TLS13, &[]).await
    };
    let began = Instant::now();
    let mut done = 0;
    for _ in 0..FLOOD {
        done += u64::from(connect_from([127, 0, 0, 1]).await.is_ok());
    }
    let most = 16 + began.elapsed().as_secs();
    assert!((15..=most).contains(&done), "{done} of {FLOOD} handshakes, at most {most} are allowed");
    assert!(connect_from([127, 0, 0, 2]).await.is_ok(), "another address");
    assert_eq!(server.listing().refusals["too_many_handshakes"], FLOOD - done);
    server.stop();
}

#[tokio::test]
async fn a_player_over_wss_plays_as_any_other() {
    let files = Files::new("play");
    let server = start(&files.config());
    let mut client = join(server.address(), &files, "name=a").await;
    for _ in 0..40 {
        client.steer(&Controls::default()).await;
        assert_eq!(client.update().await.ticks, 1);
    }
    client.send(write_control(&ClientMessage::Ping { nonce: 7 })).await;
    assert!(matches!(client.control().await, ServerMessage::Pong { nonce: 7, .. }));
    client.send(vec![0xff]).await;
    assert_eq!(client.closed().await.0, 4001);
    // The stream ends with TLS' close_notify, otherwise this would be an error.
    let mut rest = Vec::new();
    soon(client.socket.get_mut().read_to_end(&mut rest)).await.unwrap();
    server.stop();
}

#[tokio::test]
async fn a_seat_is_reserved_and_taken_over_tls() {
    let files = Files::new("seat");
    let server = start(&files.config());
    let mut stream = connect(server.address(), &files.certificate, &version::TLS13, &[]).await.unwrap();
    let body = r#"{"game":"arena","name":"Ada"}"#;
    let request = format!(
        "POST /api/join HTTP/1.1\r\nhost: localhost:{}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        server.address().port(),
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    let joined: serde_json::Value = serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap();
    let url = format!("wss://localhost:{}/play/arena?room=", server.address().port());
    assert!(joined["url"].as_str().unwrap().starts_with(&url), "{answer}");
    let query =
        format!("room={}&ticket={}", joined["room"].as_str().unwrap(), joined["ticket"].as_str().unwrap());
    let client = join(server.address(), &files, &query).await;
    assert_eq!(client.welcome.room, joined["room"].as_str().unwrap());
    server.stop();
}

#[tokio::test]
async fn bytes_right_behind_the_handshake_are_not_lost() {
    let files = Files::new("behind");
    let server = start(&files.config());
    let mut stream = connect(server.address(), &files.certificate, &version::TLS13, &[]).await.unwrap();
    // The upgrade and a ping of the protocol, under a mask of zeros, in one record.
    let ping = write_control(&ClientMessage::Ping { nonce: 99 });
    let request = format!(
        "GET /play/arena HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         sec-websocket-protocol: {SUBPROTOCOL}\r\n\r\n"
    );
    let frame = [&[0x82, 0x80 | ping.len() as u8, 0, 0, 0, 0][..], &ping].concat();
    stream.write_all(&[request.as_bytes(), &frame].concat()).await.unwrap();
    // And another in a record of its own, which may arrive before or after the connection reaches its room.
    let ping = write_control(&ClientMessage::Ping { nonce: 100 });
    stream.write_all(&[&[0x82, 0x80 | ping.len() as u8, 0, 0, 0, 0][..], &ping].concat()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(soon(stream.read_u8()).await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 101"));
    let socket = WebSocketStream::from_raw_socket(stream, Role::Client, None).await;
    let mut client = Client::begin(socket).await;
    for nonce in [99, 100] {
        assert!(matches!(client.control().await, ServerMessage::Pong { nonce: n, .. } if n == nonce));
    }
    server.stop();
}

#[tokio::test]
async fn a_new_certificate_is_for_new_connections_and_a_bad_one_is_not_used() {
    let mut files = Files::new("reload");
    let server = start(&files.config());
    let mut before = join(server.address(), &files, "name=before").await;
    let old = files.certificate.clone();
    files.renew();
    assert!(connect(server.address(), &files.certificate, &version::TLS13, &[]).await.is_err(), "not yet");
    server.reload_certificate().unwrap();
    assert!(connect(server.address(), &old, &version::TLS13, &[]).await.is_err(), "no more");
    let mut after = join(server.address(), &files, &format!("name=after&room={}", before.welcome.room)).await;
    for _ in 0..5 {
        assert_eq!((before.update().await.ticks, after.update().await.ticks), (1, 1));
    }
    fs::write(files.folder.join("key.pem"), "no key").unwrap();
    let error = server.reload_certificate().unwrap_err();
    assert!(matches!(error, TlsError::Key { .. }) && error.to_string().contains("key.pem"), "{error}");
    assert!(
        connect(server.address(), &files.certificate, &version::TLS13, &[]).await.is_ok(),
        "the last good one stays"
    );
    server.stop();
}

/// The `drumline` program, which ends with this.
struct Program(Child);

impl Program {
    /// Starts it, and waits for its ready line.
    fn start(files: &Files) -> (Self, SocketAddr) {
        let [cert, key] = ["cert.pem", "key.pem"].map(|name| files.folder.join(name));
        let mut command = Command::new(env!("CARGO_BIN_EXE_drumline"));
        command.args(["--bind", "127.0.0.1:0", "--tls-cert"]).arg(cert).arg("--tls-key").arg(key);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("drumline listening on https://").expect("the ready line");
        (Self(child), address.parse().unwrap())
    }

    /// Sends it SIGHUP, and waits for the outcome in its log.
    fn reload(&mut self, log: &mut impl BufRead, words: &str) {
        Command::new("kill").args(["-HUP", &self.0.id().to_string()]).status().unwrap();
        let mut line = String::new();
        while !line.contains(words) {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "the program has ended");
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[tokio::test]
async fn on_sighup_the_program_reloads_its_certificate_and_drops_nobody() {
    let mut files = Files::new("sighup");
    let (mut program, address) = Program::start(&files);
    let mut log = BufReader::new(program.0.stderr.take().unwrap());
    let mut before = join(address, &files, "name=before").await;
    let old = files.certificate.clone();
    fs::write(files.folder.join("cert.pem"), "no certificate").unwrap();
    program.reload(&mut log, "the certificate was not reloaded; the old one stays in use");
    assert!(connect(address, &old, &version::TLS13, &[]).await.is_ok());
    files.renew();
    program.reload(&mut log, "the certificate was reloaded");
    assert!(connect(address, &old, &version::TLS13, &[]).await.is_err(), "the new one is shown");
    let mut after = join(address, &files, &format!("name=after&room={}", before.welcome.room)).await;
    for _ in 0..5 {
        after.update().await;
    }
    while before.mirror.tick() < after.mirror.tick() {
        before.steer(&Controls::default()).await;
        assert_eq!(before.update().await.ticks, 1, "nothing was missed");
    }
}

#[test]
fn unusable_files_are_named() {
    let files = Files::new("wrong");
    let other = Files::new("other");
    let missing = files.folder.join("missing.pem");
    let config = |cert: Option<PathBuf>, key: Option<PathBuf>| Config {
        tls: TlsConfig { cert, key, ..TlsConfig::default() },
        ..Config::on_free_port()
    };
    let [cert, key] = ["cert.pem", "key.pem"].map(|name| Some(files.folder.join(name)));
    for (config, words) in [
        (config(cert.clone(), None), &["--tls-key"][..]),
        (config(None, key.clone()), &["--tls-cert"]),
        (config(Some(missing.clone()), key.clone()), &["missing.pem", "certificate"]),
        (config(cert.clone(), Some(missing)), &["missing.pem", "private key"]),
        (config(key.clone(), key), &["key.pem", "certificate", "PEM"]),
        (config(cert.clone(), cert.clone()), &["cert.pem", "private key", "PEM"]),
        (config(cert, Some(other.folder.join("key.pem"))), &["cannot be used"]),
    ] {
        let Err(error) = Server::new().game::<Arena>().start(&config) else { panic!("{words:?}") };
        assert!(matches!(error, StartError::Tls(_)), "{error}");
        for word in words {
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
