//! TLS over real TCP streams, against a client that blocks.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned};

use super::*;

type Client = StreamOwned<ClientConnection, TcpStream>;

/// A stream whose handshake is done, and its client's end.
fn pair() -> (Stream, Client) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let provider = Arc::new(ring::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![made.cert.der().clone()],
            PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap(),
        )
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    tcp.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut client = StreamOwned::new(ClientConnection::new(Arc::new(client), name).unwrap(), tcp);
    let (mut tcp, _) = listener.accept().unwrap();
    let mut session = ServerConnection::new(Arc::new(server)).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| client.flush().unwrap());
        while session.is_handshaking() {
            session.complete_io(&mut tcp).unwrap();
        }
    });
    tcp.set_nonblocking(true).unwrap();
    (Stream::tls(tcp, session), client)
}

/// Waits for the next bytes and reads them.
fn read(stream: &mut Stream, buffer: &mut [u8]) -> usize {
    loop {
        match stream.read(buffer) {
            Ok(read) => return read,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
}

#[test]
fn records_of_all_sizes_arrive_in_order_as_far_as_they_fit() {
    let (mut stream, mut client) = pair();
    let sent: Vec<u8> = (0..60_000_u32).map(|index| (index / 7) as u8).collect();
    let (mut received, mut buffer) = (Vec::new(), [0; 5000]);
    let mut rest = &sent[..];
    for size in [1, 2, 300, 9000, 16_384, 20_000].into_iter().cycle() {
        let (now, later) = rest.split_at(size.min(rest.len()));
        client.write_all(now).unwrap();
        rest = later;
        while received.len() < sent.len() - rest.len() {
            let read = read(&mut stream, &mut buffer);
            received.extend_from_slice(&buffer[..read]);
        }
        if rest.is_empty() {
            break;
        }
    }
    assert_eq!(received, sent);
    assert_eq!(stream.read(&mut buffer).unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn a_tick_reads_a_bounded_number_of_nearly_empty_records() {
    let (mut stream, mut client) = pair();
    // Each a record of its own, of more than twenty bytes.
    for number in 0..4000 {
        client.write_all(&[number as u8]).unwrap();
    }
    let mut buffer = [0; 16 * 1024];
    let mut received = Vec::new();
    while received.len() < 4000 {
        let read = read(&mut stream, &mut buffer);
        assert!(read <= MAX_READS * 4096 / 20, "{read} bytes at once");
        received.extend_from_slice(&buffer[..read]);
    }
    assert!(received.iter().enumerate().all(|(index, &byte)| byte == index as u8));
}

#[test]
fn the_stream_ends_after_the_last_bytes_with_and_without_close_notify() {
    for close_notify in [true, false] {
        let (mut stream, mut client) = pair();
        client.write_all(b"last").unwrap();
        if close_notify {
            client.conn.send_close_notify();
            client.flush().unwrap();
        }
        client.sock.shutdown(Shutdown::Write).unwrap();
        let mut buffer = [0; 100];
        assert_eq!(read(&mut stream, &mut buffer), 4);
        assert_eq!(&buffer[..4], b"last");
        assert_eq!(read(&mut stream, &mut buffer), 0);
        assert_eq!(stream.read(&mut buffer).unwrap(), 0, "and so it stays");
    }
}

#[test]
fn bytes_that_are_not_tls_are_an_error() {
    let (mut stream, mut client) = pair();
    client.sock.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut buffer = [0; 100];
    let error = loop {
        match stream.read(&mut buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => break error,
            Ok(read) => panic!("{read} bytes"),
        }
    };
    assert_eq!(error.kind(), ErrorKind::Other);
}

/// Writes until nothing more is accepted, neither by the kernel nor by the session's buffer. Returns the accepted bytes.
fn fill(stream: &mut Stream) -> Vec<u8> {
    let mut sent = Vec::new();
    for number in 0.. {
        let bytes = vec![number as u8; 10_000];
        let WriteOutcome { taken, written } = stream.write(&bytes).unwrap();
        sent.extend_from_slice(&bytes[..taken]);
        assert_eq!(written == Written::All, taken == bytes.len() && !waits(stream));
        if taken == 0 {
            assert_eq!(written, Written::Nothing);
            break;
        }
    }
    sent
}

#[test]
fn bytes_that_the_kernel_does_not_accept_are_sent_later_in_order() {
    let (mut stream, mut client) = pair();
    let sent = fill(&mut stream);
    let mut received = vec![0; sent.len()];
    let mut at = 0;
    while at < received.len() {
        assert_eq!(stream.write(&[]).unwrap().taken, 0);
        at += client.read(&mut received[at..]).unwrap();
    }
    assert_eq!(received, sent);
    assert_eq!(stream.write(&[]).unwrap(), WriteOutcome { taken: 0, written: Written::All });
}

#[test]
fn the_session_keeps_no_more_than_its_limit() {
    let (mut stream, mut client) = pair();
    let sent = fill(&mut stream).len();
    // The bytes in the kernel arrive; encrypted they are a few more.
    stream.tcp().shutdown(Shutdown::Write).unwrap();
    let mut arrived = Vec::new();
    client.sock.read_to_end(&mut arrived).unwrap();
    assert!(sent <= arrived.len() + MAX_ENCRYPTED_BYTES, "{sent} bytes taken, {} sent", arrived.len());
    assert!(sent > arrived.len(), "something was kept, or this test shows nothing");
}

#[test]
fn the_sending_side_ends_with_close_notify() {
    let (mut stream, mut client) = pair();
    assert_eq!(stream.write(b"bye").unwrap(), WriteOutcome { taken: 3, written: Written::All });
    assert!(stream.poll_finish().unwrap().is_ready());
    let mut received = Vec::new();
    // Without close_notify this would be an error.
    client.read_to_end(&mut received).unwrap();
    assert_eq!(received, b"bye");
    client.sock.shutdown(Shutdown::Both).unwrap();
    while stream.poll_discard(&mut [0; 100]).is_pending() {}
}

fn waits(stream: &Stream) -> bool {
    matches!(stream, Stream::Tls(encrypted) if encrypted.session.wants_write())
}
