//! The authority's check of a name (RFC 8555, section 8.3), on a listener that does nothing else but send everybody
//! to HTTPS.

use std::sync::Arc;
use std::time::Duration;

use engine::Engine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::kept;

/// For one request with its answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Requests at the same time; more wait.
const AT_ONCE: usize = 256;

/// Answers `/.well-known/acme-challenge/…` until it is stopped.
pub fn answer_all(
    listener: std::net::TcpListener,
    engine: Arc<Engine>,
    stop: CancellationToken,
) -> anyhow::Result<impl Future<Output = ()> + Send> {
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from_std(listener)?;
    let permits = Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
    Ok(async move {
        loop {
            let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { return };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = stop.cancelled() => return,
            };
            let Ok((stream, _)) = accepted else {
                // Out of descriptors, most likely.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let engine = Arc::clone(&engine);
            tokio::spawn(async move {
                let _permit = permit;
                let served = tokio::time::timeout(PATIENCE, answer_one(stream, &engine)).await;
                if let Ok(Err(error)) = served {
                    tracing::debug!(%error, "ACME check");
                }
            });
        }
    })
}

async fn answer_one(mut stream: TcpStream, engine: &Engine) -> anyhow::Result<()> {
    let mut head = vec![0; 4096];
    let mut length = 0;
    while length < head.len() && !head[..length].windows(4).any(|w| w == b"\r\n\r\n") {
        match stream.read(&mut head[length..]).await? {
            0 => break,
            read => length += read,
        }
    }
    let head = String::from_utf8_lossy(&head[..length]);
    let path = head.split_whitespace().nth(1).unwrap_or("/");
    let host = head.lines().find_map(|l| l.strip_prefix("Host: ").or_else(|| l.strip_prefix("host: ")));
    let known = match path.strip_prefix("/.well-known/acme-challenge/") {
        Some(token) if token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)) => {
            kept::challenge(engine, token).await?
        }
        _ => None,
    };
    let answer = match (known, host.map(|h| h.trim().split(':').next().unwrap_or(""))) {
        (Some(key), _) => {
            let key = String::from_utf8_lossy(&key).into_owned();
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{key}",
                key.len()
            )
        }
        (None, Some(host)) if domain::names::domain_name(host).is_ok() && path.starts_with('/') => {
            redirect(host, path)
        }
        _ => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
    };
    stream.write_all(answer.as_bytes()).await?;
    Ok(())
}

/// 302, since mail clients that look for Autodiscover without TLS follow no other (MS-OXDISCO 3.1.5.3).
fn redirect(host: &str, path: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nLocation: https://{host}{path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn autodiscover_without_tls_is_led_to_tls() {
        let answer = redirect("autodiscover.acme.test", "/autodiscover/autodiscover.xml");
        assert!(answer.starts_with("HTTP/1.1 302 "));
        assert!(
            answer.contains("\r\nLocation: https://autodiscover.acme.test/autodiscover/autodiscover.xml\r\n")
        );
    }
}
