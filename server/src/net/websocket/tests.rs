//! The WebSocket over real TCP streams.

use std::net::{Shutdown, TcpListener, TcpStream};

use drumline_shared::limits::MAX_CLIENT_MESSAGE_BYTES;

use super::frame::{MASKED, MAX_SHORT_BYTES};
use super::*;

const MASK: [u8; 4] = [1, 2, 3, 4];

/// A socket and its client's end.
fn pair() -> (Socket, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (stream, _) = listener.accept().unwrap();
    stream.set_nonblocking(true).unwrap();
    (Socket::new(Stream::Plain(stream), Vec::new(), MAX_CLIENT_MESSAGE_BYTES as u32), client)
}

/// A client's frame with this first byte.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    if payload.len() <= MAX_SHORT_BYTES {
        frame.push(MASKED | payload.len() as u8);
    } else {
        frame.push(MASKED | 0x7e);
        frame.extend((payload.len() as u16).to_be_bytes());
    }
    frame.extend(MASK);
    frame.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}

/// Reads as a tick does once some bytes have arrived. Returns the messages, and `None` for control frames.
fn receive(socket: &mut Socket, arrived: usize) -> Result<Vec<Option<Vec<u8>>>, CloseReason> {
    while socket.stream.tcp().peek(&mut [0; READ_BUFFER_BYTES]).unwrap_or(0) < arrived {}
    let mut buffer = [0; READ_BUFFER_BYTES];
    let mut arrived = socket.read(&mut buffer)?;
    let mut received = Vec::new();
    while let Some(one) = socket.next(&mut arrived)? {
        received.push(one.message().map(<[u8]>::to_vec));
    }
    Ok(received)
}

fn send_and_receive(bytes: &[u8]) -> Result<Vec<Option<Vec<u8>>>, CloseReason> {
    let (mut socket, mut client) = pair();
    client.write_all(bytes).unwrap();
    receive(&mut socket, bytes.len())
}

#[test]
fn short_and_long_messages_arrive_in_order() {
    let long = vec![7; 3000];
    let bytes = [frame(0x82, b"one"), frame(0x82, &long), frame(0x82, b""), frame(0x82, b"three")].concat();
    let messages = send_and_receive(&bytes).unwrap();
    assert_eq!(messages, [b"one".to_vec(), long, Vec::new(), b"three".to_vec()].map(Some));
}

#[test]
fn a_frame_may_arrive_in_pieces_of_any_size() {
    let bytes = [frame(0x82, b"short"), frame(0x82, &[9; 200]), frame(0x82, b"last")].concat();
    for piece in [1, 2, 5, 7, 100] {
        let (mut socket, mut client) = pair();
        let mut messages = Vec::new();
        for piece in bytes.chunks(piece) {
            client.write_all(piece).unwrap();
            messages.extend(receive(&mut socket, piece.len()).unwrap());
        }
        assert_eq!(messages, [b"short".to_vec(), vec![9; 200], b"last".to_vec()].map(Some), "{piece}");
    }
}

#[test]
fn a_fragmented_message_is_reassembled_and_no_other_may_come_between() {
    let parts = [frame(0x02, b"in "), frame(0x89, b"ping"), frame(0x80, b"two")].concat();
    assert_eq!(send_and_receive(&parts).unwrap(), [None, None, Some(b"in two".to_vec())]);
    let torn = [frame(0x02, b"in "), frame(0x82, b"between"), frame(0x80, b"two")].concat();
    assert_eq!(send_and_receive(&torn), Err(CloseReason::ProtocolError));
}

#[test]
fn mistakes_have_their_reasons() {
    for (bytes, reason) in [
        (frame(0x81, b"text"), CloseReason::TextMessage),
        (frame(0x88, &1000u16.to_be_bytes()), CloseReason::Left),
        (frame(0x88, &1001u16.to_be_bytes()), CloseReason::PageGone),
        (frame(0x88, &4001u16.to_be_bytes()), CloseReason::Dropped),
        (frame(0x88, &4003u16.to_be_bytes()), CloseReason::Lost),
        (frame(0x88, &[]), CloseReason::Dropped),
        (frame(0x88, b"\x03\xe8\xff not UTF-8"), CloseReason::InvalidText),
        (frame(0x88, &999u16.to_be_bytes()), CloseReason::ProtocolError),
        (frame(0x88, &1005u16.to_be_bytes()), CloseReason::ProtocolError),
        (frame(0x88, &[3]), CloseReason::ProtocolError),
        (frame(0x08, &1000u16.to_be_bytes()), CloseReason::ProtocolError),
        (frame(0xc2, b"extended"), CloseReason::ProtocolError),
        (vec![0x82, 3, 1, 2, 3], CloseReason::ProtocolError),
        (frame(0x82, &[0; MAX_CLIENT_MESSAGE_BYTES + 1]), CloseReason::MessageTooBig),
    ] {
        assert_eq!(send_and_receive(&bytes), Err(reason), "{:02x?}", &bytes[..2]);
    }
}

#[test]
fn a_length_takes_as_few_bytes_as_it_can() {
    let with_length = |first: u8, code: u8, length: &[u8], payload: &[u8]| {
        let masked = payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        [first, MASKED | code].iter().chain(length).chain(&MASK).copied().chain(masked).collect::<Vec<u8>>()
    };
    let two = |length: u16| length.to_be_bytes();
    let eight = |length: u64| length.to_be_bytes();
    for bytes in [
        with_length(0x82, 126, &two(0), &[]),
        with_length(0x82, 126, &two(125), &[7; 125]),
        with_length(0x82, 127, &eight(125), &[7; 125]),
        with_length(0x82, 127, &eight(300), &[7; 300]),
        with_length(0x89, 126, &two(1), b"?"),
        with_length(0x88, 126, &two(2), &two(1000)),
    ] {
        assert_eq!(send_and_receive(&bytes), Err(CloseReason::ProtocolError), "{:02x?}", &bytes[..4]);
    }
    let shortest = with_length(0x82, 126, &two(126), &[7; 126]);
    assert_eq!(send_and_receive(&shortest).unwrap(), [Some(vec![7; 126])]);
}

#[test]
fn a_close_frame_is_answered_with_its_own_code_and_reason() {
    for code in [1000, 1001, 1003, 1011, 1012, 1013, 1014, 3000, 4001] {
        let payload = [&u16::to_be_bytes(code)[..], "grüße".as_bytes()].concat();
        let (mut socket, mut client) = pair();
        let close = frame(0x88, &payload);
        client.write_all(&close).unwrap();
        assert_eq!(receive(&mut socket, close.len()), Err(CloseReason::of_client(Some(code))), "{code}");
        socket.close(CloseReason::Left.frame());
        assert_eq!(socket.write(&[]), Ok(Written::All));
        drop(socket);
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).unwrap();
        assert_eq!(answer, [&[0x88, payload.len() as u8][..], &payload].concat(), "{code}");
    }
}

#[test]
fn a_ping_is_answered_with_the_next_write() {
    let (mut socket, mut client) = pair();
    client.write_all(&frame(0x89, b"?")).unwrap();
    assert_eq!(receive(&mut socket, 7).unwrap(), [None]);
    let mut frames = Vec::new();
    put_frame(&mut frames, b"snapshot");
    assert_eq!(socket.write(&frames), Ok(Written::All));
    drop(socket);
    let mut received = Vec::new();
    client.read_to_end(&mut received).unwrap();
    assert_eq!(received, [&[0x8a, 1][..], b"?", &[0x82, 8], b"snapshot"].concat());
}

#[test]
fn bytes_beyond_a_tick_wait_and_none_are_lost() {
    let (mut socket, mut client) = pair();
    let bytes: Vec<u8> = (0..100).flat_map(|number| frame(0x82, &[number; 50])).collect();
    client.write_all(&bytes).unwrap();
    while socket.stream.tcp().peek(&mut [0; READ_BUFFER_BYTES]).unwrap() < bytes.len() {}
    let mut messages = Vec::new();
    // Three messages a tick.
    for _ in 0..34 {
        let mut buffer = [0; READ_BUFFER_BYTES];
        let mut arrived = socket.read(&mut buffer).unwrap();
        for _ in 0..3 {
            let Some(one) = socket.next(&mut arrived).unwrap() else { break };
            messages.push(one.message().map(<[u8]>::to_vec));
        }
        socket.keep(&arrived);
    }
    assert_eq!(messages, (0..100).map(|number| Some(vec![number; 50])).collect::<Vec<_>>());
}

#[test]
fn too_much_with_the_handshake_is_a_mistake() {
    let (socket, _client) = pair();
    let mut socket = Socket::new(socket.stream, vec![0; READ_BUFFER_BYTES + 1], 4096);
    assert_eq!(receive(&mut socket, 0), Err(CloseReason::ProtocolError));
}

#[test]
fn the_end_of_the_stream_comes_after_the_last_message() {
    let (mut socket, mut client) = pair();
    client.write_all(&frame(0x82, b"last")).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(receive(&mut socket, 10).unwrap(), [Some(b"last".to_vec())]);
    assert_eq!(receive(&mut socket, 0), Err(CloseReason::Lost));
}

#[test]
fn bytes_that_the_kernel_does_not_accept_are_written_later_in_order() {
    let (mut socket, mut client) = pair();
    let mut sent = Vec::new();
    let mut taken = Written::All;
    while taken == Written::All {
        let mut frames = Vec::new();
        put_frame(&mut frames, &[sent.len() as u8; 10_000]);
        sent.extend_from_slice(&frames);
        taken = socket.write(&frames).unwrap();
    }
    socket.queue(b"behind");
    put_frame(&mut sent, b"behind");
    let mut received = vec![0; sent.len()];
    let (mut at, mut waits) = (0, true);
    while at < received.len() {
        at += client.read(&mut received[at..]).unwrap();
        if waits {
            waits = socket.write(&[]).unwrap() != Written::All;
        }
    }
    assert_eq!(received, sent);
    assert!(socket.outgoing.capacity() == 0, "and its memory is given back");
}
