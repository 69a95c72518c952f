//! Handing mail to SMTP servers that are honest, and to some that are not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use clients::outbound::Reach;
use clients::smtp::{self, Letter, Relay, SmtpError};
use domain::mail::Line;
use domain::model::SmtpSecurity;
use parking_lot::Mutex;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// How the server behaves.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Honest,
    NoStarttls,
    RefusesRecipient,
    NotNow,
    Hangs,
    NeverEnds,
    Closes,
    Nonsense,
}

struct Server {
    port: u16,
    roots: String,
    heard: Arc<Mutex<String>>,
}

fn certificate() -> (String, rustls::ServerConfig) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
    (made.cert.pem(), config)
}

async fn serve(manner: Manner, security: SmtpSecurity) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (roots, config) = certificate();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let heard = Arc::new(Mutex::new(String::new()));
    let server = Server { port: listener.local_addr().unwrap().port(), roots, heard: Arc::clone(&heard) };
    tokio::spawn(async move {
        while let Ok((tcp, _)) = listener.accept().await {
            let (acceptor, heard) = (acceptor.clone(), Arc::clone(&heard));
            tokio::spawn(async move {
                if security == SmtpSecurity::Tls {
                    let Ok(tls) = acceptor.accept(tcp).await else { return };
                    talk(tls, manner, false, true, &heard).await;
                } else if let Some(tcp) =
                    talk(tcp, manner, security == SmtpSecurity::Starttls, true, &heard).await
                {
                    let Ok(tls) = acceptor.accept(tcp).await else { return };
                    talk(tls, manner, false, false, &heard).await;
                }
            });
        }
    });
    server
}

/// One conversation; answers the connection when STARTTLS was agreed on.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    manner: Manner,
    offers_tls: bool,
    greets: bool,
    heard: &Mutex<String>,
) -> Option<S> {
    let mut stream = BufReader::new(stream);
    match manner {
        Manner::Hangs => {
            tokio::time::sleep(Duration::from_mins(10)).await;
            return None;
        }
        Manner::Closes => return None,
        Manner::Nonsense => {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            return None;
        }
        Manner::NeverEnds => {
            while stream.write_all(&[b'2'; 4096]).await.is_ok() {}
            return None;
        }
        _ => {}
    }
    if greets {
        stream.write_all(b"220 mail.test\r\n").await.ok()?;
    }
    let mut line = String::new();
    let mut data = false;
    loop {
        line.clear();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        heard.lock().push_str(&line);
        let answer: &str = if data {
            if line != ".\r\n" {
                continue;
            }
            data = false;
            "250 2.0.0 taken as 42\r\n"
        } else if line.starts_with("EHLO") {
            if offers_tls && manner != Manner::NoStarttls {
                "250-mail.test\r\n250 STARTTLS\r\n"
            } else {
                "250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN\r\n"
            }
        } else if line.starts_with("STARTTLS") {
            stream.write_all(b"220 go on\r\n").await.ok()?;
            return Some(stream.into_inner());
        } else if line.starts_with("AUTH PLAIN") {
            // \0user\0good
            if line.contains("AHVzZXIAZ29vZA==") { "235 ok\r\n" } else { "535 5.7.8 wrong\r\n" }
        } else if line.starts_with("RCPT") {
            match manner {
                Manner::RefusesRecipient => "550 5.1.1 nobody of that name\r\n",
                Manner::NotNow => "451 4.7.1 come back later\r\n",
                _ => "250 ok\r\n",
            }
        } else if line.starts_with("DATA") {
            data = true;
            "354 go\r\n"
        } else if line.starts_with("QUIT") {
            let _ = stream.write_all(b"221 bye\r\n").await;
            return None;
        } else {
            "250 ok\r\n"
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

fn relay(server: &Server, security: SmtpSecurity) -> Relay {
    Relay {
        host: "localhost".into(),
        port: server.port,
        security,
        roots: server.roots.clone(),
        credentials: Some(("user".into(), "good".into())),
        reach: Reach::PublicAnd(vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()]),
        patience: smtp::PATIENCE,
    }
}

async fn send(relay: &Relay) -> Result<String, SmtpError> {
    let (sender, recipient) = ("mdm@example.com".parse().unwrap(), "anna@example.com".parse().unwrap());
    let letter = Letter {
        sender: &sender,
        sender_name: &Line::from("NotifyMDM"),
        reply_to: None,
        recipient: &recipient,
        subject: &Line::from("Grüße"),
        text: "first line\n.\nlast line\n",
        html: None,
        picture: None,
        file: None,
        list: None,
        id: "mail_1".into(),
        at: 1_767_225_600_000,
    };
    smtp::send(relay, &letter).await
}

#[tokio::test]
async fn mail_goes_out_by_tls_by_starttls_and_to_this_host_without() {
    for security in [SmtpSecurity::Tls, SmtpSecurity::Starttls, SmtpSecurity::Plain] {
        let server = serve(Manner::Honest, security).await;
        let words = send(&relay(&server, security)).await.unwrap();
        assert!(words.contains("taken as 42"), "{words}");
        let heard = server.heard.lock().clone();
        assert!(heard.contains("RCPT TO:<anna@example.com>") && heard.contains("\r\n..\r\n"), "{heard}");
        assert!(smtp::test(&relay(&server, security)).await.is_ok());
    }
}

#[tokio::test]
async fn nothing_is_said_to_a_server_that_is_not_believed() {
    for security in [SmtpSecurity::Tls, SmtpSecurity::Starttls] {
        let server = serve(Manner::Honest, security).await;
        let (other, _) = certificate();
        for roots in [other, String::new()] {
            let relay = Relay { roots, ..relay(&server, security) };
            let error = send(&relay).await.unwrap_err();
            assert!(matches!(&error, SmtpError::Setup(why) if why.contains("certificate")), "{error:?}");
        }
        // Its certificate is for another name.
        let relay = Relay { host: "127.0.0.1".into(), ..relay(&server, security) };
        let error = send(&relay).await.unwrap_err();
        assert!(matches!(&error, SmtpError::Setup(why) if why.contains("certificate")), "{error:?}");
        let heard = server.heard.lock().clone();
        assert!(!heard.contains("AUTH") && !heard.contains("MAIL"), "{heard}");
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_password() {
    let server = serve(Manner::NoStarttls, SmtpSecurity::Starttls).await;
    let error = send(&relay(&server, SmtpSecurity::Starttls)).await.unwrap_err();
    assert!(matches!(&error, SmtpError::Setup(why) if why.contains("STARTTLS")), "{error:?}");
    assert!(!server.heard.lock().contains("AUTH"));
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let server = serve(Manner::Honest, SmtpSecurity::Tls).await;
    let wrong = Some(("user".into(), "bad".into()));
    let error = send(&Relay { credentials: wrong, ..relay(&server, SmtpSecurity::Tls) }).await.unwrap_err();
    assert!(matches!(&error, SmtpError::Setup(why) if why.contains("password")), "{error:?}");
    assert!(!error.to_string().contains("bad"));
    let server = serve(Manner::RefusesRecipient, SmtpSecurity::Tls).await;
    let error = send(&relay(&server, SmtpSecurity::Tls)).await.unwrap_err();
    assert!(matches!(&error, SmtpError::Refused(why) if why.contains("nobody of that name")), "{error:?}");
    let server = serve(Manner::NotNow, SmtpSecurity::Tls).await;
    let error = send(&relay(&server, SmtpSecurity::Tls)).await.unwrap_err();
    assert!(matches!(&error, SmtpError::NotNow(why) if why.contains("come back later")), "{error:?}");
}

#[tokio::test]
async fn servers_that_lie_close_or_never_end_are_given_up_soon() {
    for manner in [Manner::Closes, Manner::Nonsense, Manner::NeverEnds] {
        for security in [SmtpSecurity::Plain, SmtpSecurity::Tls] {
            let server = serve(manner, security).await;
            let begun = Instant::now();
            let error = send(&relay(&server, security)).await.unwrap_err();
            assert!(matches!(error, SmtpError::Away(_)), "{error:?}");
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let server = serve(Manner::Hangs, SmtpSecurity::Plain).await;
    let relay = Relay { patience: Duration::from_millis(300), ..relay(&server, SmtpSecurity::Plain) };
    let error = send(&relay).await.unwrap_err();
    assert!(matches!(&error, SmtpError::Away(why) if why.contains("in time")), "{error:?}");
}

#[tokio::test]
async fn internal_addresses_and_plain_text_to_other_hosts_are_refused() {
    let server = serve(Manner::Honest, SmtpSecurity::Plain).await;
    let inside = Relay { reach: Reach::PublicAnd(Vec::new()), ..relay(&server, SmtpSecurity::Plain) };
    let error = send(&inside).await.unwrap_err();
    assert!(matches!(&error, SmtpError::Setup(why) if why.contains("internal")), "{error:?}");
    assert!(server.heard.lock().is_empty());
}
