//! The requests of one connection, which ends after a while, but never in the middle of an answer that the client takes.

use std::pin::pin;
use std::time::Duration;

use axum::http::{HeaderValue, Request, header};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, timeout};

/// The time after which each answer announces the connection's end, so that its client sends no further request.
const ANNOUNCED_AFTER: Duration = Duration::from_secs(50);
/// The time after which the connection ends as soon as no answer is under way.
const ENDS_AFTER: Duration = Duration::from_secs(60);
/// The time that the last answer may take from then on. A client that does not read it cannot hold the connection for longer.
const LAST_ANSWER_TIME: Duration = Duration::from_secs(60);

/// The limits on a request's head.
#[derive(Debug, Clone, Copy)]
pub struct HeadLimits {
    /// The time for the whole head.
    pub time: Duration,
    /// Its bytes.
    pub bytes: usize,
}

/// Serves a connection's requests to its end, or to its upgrade. Returns how it ended; `None` if its last answer took too long.
pub async fn serve_requests<S, F, A>(stream: S, limits: HeadLimits, answer: F) -> Option<hyper::Result<()>>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    F: Fn(Request<Incoming>) -> A,
    A: Future<Output = Response>,
{
    let opened = Instant::now();
    let service = service_fn(|request| {
        let answer = answer(request);
        async move {
            let mut response = answer.await;
            if opened.elapsed() >= ANNOUNCED_AFTER {
                // An upgrade has such a header already.
                let connection = response.headers_mut().entry(header::CONNECTION);
                connection.or_insert(HeaderValue::from_static("close"));
            }
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let serving = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.time)
        .max_buf_size(limits.bytes)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut serving = pin!(serving);
    // A head that may take longer may also come later.
    if let Ok(ended) = timeout(ENDS_AFTER.max(limits.time), serving.as_mut()).await {
        return Some(ended);
    }
    serving.as_mut().graceful_shutdown();
    timeout(LAST_ANSWER_TIME, serving).await.ok()
}

#[cfg(test)]
mod tests {
    use std::io;

    use axum::body::{Body, Bytes};
    use axum::response::IntoResponse;
    use futures_util::stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
    use tokio::time::sleep;

    use super::*;

    /// Chunks of an answer that takes a while.
    const CHUNKS: usize = 10;
    const CHUNK_TIME: Duration = Duration::from_secs(4);

    /// A client's end of a connection that is served. `/slow` is answered in [`CHUNKS`], all else at once.
    fn connect() -> DuplexStream {
        let (client, server) = duplex(1024);
        let limits = HeadLimits { time: Duration::from_secs(10), bytes: 16 * 1024 };
        tokio::spawn(serve_requests(server, limits, async |request| {
            if request.uri().path() != "/slow" {
                return "at once".into_response();
            }
            let chunks = stream::unfold(0, async |sent| {
                sleep(CHUNK_TIME).await;
                (sent < CHUNKS).then(|| (Ok::<_, io::Error>(Bytes::from_static(b"chunk")), sent + 1))
            });
            Body::from_stream(Box::pin(chunks)).into_response()
        }));
        client
    }

    async fn ask(client: &mut DuplexStream, path: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n");
        client.write_all(request.as_bytes()).await.unwrap();
    }

    /// Reads an answer of `/`.
    async fn answer(client: &mut DuplexStream) -> String {
        let mut answer = Vec::new();
        while !answer.ends_with(b"at once") {
            let byte = client.read_u8().await.unwrap();
            answer.push(byte);
        }
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_answers_announce_the_end() {
        let mut client = connect();
        let opened = Instant::now();
        let mut announced = 0;
        while announced == 0 {
            ask(&mut client, "/").await;
            let answer = answer(&mut client).await;
            let is_late = opened.elapsed() >= ANNOUNCED_AFTER;
            assert_eq!(answer.contains("connection: close"), is_late, "{:?}: {answer}", opened.elapsed());
            announced += usize::from(is_late);
            sleep(Duration::from_secs(5)).await;
        }
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0, "and it is the end");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_under_way_is_finished() {
        let mut client = connect();
        let opened = Instant::now();
        for _ in 0..9 {
            ask(&mut client, "/").await;
            answer(&mut client).await;
            sleep(Duration::from_secs(5)).await;
        }
        ask(&mut client, "/slow").await;
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(opened.elapsed() > ENDS_AFTER && answer.matches("chunk\r\n").count() == CHUNKS, "{answer}");
        assert!(answer.ends_with("\r\n0\r\n\r\n"), "{answer}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_asks_or_reads_nothing_more_is_closed() {
        let mut idle = connect();
        let opened = Instant::now();
        ask(&mut idle, "/").await;
        answer(&mut idle).await;
        assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
        assert!(opened.elapsed() <= ENDS_AFTER, "{:?}", opened.elapsed());

        let mut deaf = connect();
        let opened = Instant::now();
        // More than fits on the way, and nothing is read.
        while ask_in_time(&mut deaf).await {}
        assert!(opened.elapsed() <= ENDS_AFTER + LAST_ANSWER_TIME, "{:?}", opened.elapsed());
    }

    /// Sends a request; false if the connection is closed first.
    async fn ask_in_time(client: &mut DuplexStream) -> bool {
        client.write_all(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n").await.is_ok()
    }
}
