//! A mail server that costs as little as possible and is the same for every side: it takes every password, answers
//! each POST with the same 40 bytes of WBXML and OPTIONS with versions, and holds Pings until its connection ends.
//!
//! One thread of this process, so its processor time counts for nobody.

use std::net::{SocketAddr, TcpListener as StdListener};

use anyhow::{Context as _, Result};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What everybody without credentials gets: a server that lets strangers in proves no password.
const CHALLENGE: &[u8] =
    b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"mail\"\r\nContent-Length: 0\r\n\r\n";
/// Longest head that it reads.
const MOST: usize = 64 * 1024;

/// A running upstream server; it lives as long as the process.
pub struct Upstream {
    /// Where it listens.
    pub address: SocketAddr,
}

impl Upstream {
    /// Starts it on any free loopback port.
    pub fn start() -> Result<Upstream> {
        let listener = StdListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("upstream".to_owned()).spawn(move || {
            runtime.block_on(async {
                let Ok(listener) = TcpListener::from_std(listener) else { return };
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream));
                }
            });
        })?;
        Ok(Upstream { address })
    }

    /// `http://127.0.0.1:port/Microsoft-Server-ActiveSync`.
    pub fn url(&self) -> String {
        format!("http://{}/Microsoft-Server-ActiveSync", self.address)
    }
}

/// A Sync answer of 40 bytes: one collection, its key, status 1.
pub fn sync_answer() -> Vec<u8> {
    let mut body = vec![0x03, 0x01, 0x6A, 0x00, 0x45, 0x5C, 0x4F];
    let element = |body: &mut Vec<u8>, tag: u8, text: &str| {
        body.extend([tag, 0x03]);
        body.extend(text.bytes());
        body.extend([0x00, 0x01]);
    };
    element(&mut body, 0x4B, "{12345678901234}");
    element(&mut body, 0x52, "1");
    element(&mut body, 0x4E, "1");
    body.extend([0x01, 0x01, 0x01]);
    body
}

async fn serve(mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut seen = Vec::with_capacity(4096);
    let (posted, offered) = (answer(&sync_answer()), options());
    loop {
        let head = loop {
            if let Some(at) = seen.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            anyhow::ensure!(seen.len() < MOST, "a head without end");
            if stream.read_buf(&mut seen).await? == 0 {
                return Ok(());
            }
        };
        let text = String::from_utf8_lossy(&seen[..head]).to_ascii_lowercase();
        let length: usize = text
            .lines()
            .find_map(|l| l.strip_prefix("content-length:"))
            .map_or(Ok(0), |n| n.trim().parse())
            .context("Content-Length")?;
        while seen.len() < head + length {
            if stream.read_buf(&mut seen).await? == 0 {
                return Ok(());
            }
        }
        seen.drain(..head + length);
        if text.contains("cmd=ping") {
            seen.shrink_to_fit();
            // Held until the other side leaves.
            while stream.read_buf(&mut seen).await? > 0 {}
            return Ok(());
        }
        let answer: &[u8] = if !text.contains("\r\nauthorization: ") {
            CHALLENGE
        } else if text.starts_with("options") {
            &offered
        } else {
            &posted
        };
        stream.write_all(answer).await?;
    }
}

fn answer(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.ms-sync.wbxml\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn options() -> Vec<u8> {
    b"HTTP/1.1 200 OK\r\nMS-ASProtocolVersions: 2.5,12.0,12.1,14.0,14.1,16.0,16.1\r\n\
      MS-ASProtocolCommands: Sync,SendMail,FolderSync,GetItemEstimate,ItemOperations,Ping,Settings,Provision\r\n\
      Allow: OPTIONS,POST\r\nContent-Length: 0\r\n\r\n"
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_forty_bytes_of_wbxml() {
        let body = sync_answer();
        assert_eq!(body.len(), 40);
        let tree = simulator::wbxml::decode(&body).unwrap();
        assert_eq!(tree.text_at("Collections/Collection/Status"), Some("1"));
    }
}
