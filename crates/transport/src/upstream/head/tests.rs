use super::*;

fn parse(text: &str) -> Result<Option<Head>, UpstreamError> {
    parse_response(&mut BytesMut::from(text), false)
}

#[test]
fn framing_follows_the_specification() {
    let framing = |text: &str| parse(text).unwrap().unwrap().framing;
    assert!(matches!(framing("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"), Framing::Length(7)));
    assert!(matches!(framing("HTTP/1.1 204 No\r\nContent-Length: 7\r\n\r\n"), Framing::Length(0)));
    assert!(matches!(framing("HTTP/1.1 304 No\r\n\r\n"), Framing::Length(0)));
    assert!(matches!(framing("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n"), Framing::Chunked(_)));
    assert!(matches!(framing("HTTP/1.1 200 OK\r\n\r\n"), Framing::Close));
    let mut head = BytesMut::from("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
    assert!(matches!(parse_response(&mut head, true).unwrap().unwrap().framing, Framing::Length(0)));
}

#[test]
fn keep_alive_follows_version_and_header() {
    let kept = |text: &str| parse(text).unwrap().unwrap().keep_alive;
    assert!(kept("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    assert!(!kept("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: x, Close\r\n\r\n"));
    assert!(!kept("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"));
    assert!(kept("HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: Keep-Alive\r\n\r\n"));
    assert!(!kept("HTTP/1.1 200 OK\r\n\r\n"));
}

#[test]
fn ambiguous_and_malformed_heads_are_refused() {
    for text in [
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: 8\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +7\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 42 OK\r\n\r\n",
        "<html>hello</html>\r\n\r\n",
    ] {
        assert!(matches!(parse(text), Err(UpstreamError::Answer(_))), "{text}");
    }
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(101));
    assert!(matches!(parse(&many), Err(UpstreamError::Answer(_))));
    assert!(matches!(
        parse(&format!("HTTP/1.1 200 OK\r\na: {}", "b".repeat(70_000))),
        Err(UpstreamError::Answer(_))
    ));
    assert!(matches!(parse("HTTP/1.1 200 OK\r\na: "), Ok(None)));
}

#[test]
fn headers_of_the_connection_are_not_passed_on() {
    let head = parse("HTTP/1.1 200 OK\r\nConnection: X-One\r\nX-One: 1\r\nX-Two:\r\nX-Two: 2\r\n\r\n")
        .unwrap()
        .unwrap();
    assert_eq!(head.headers.len(), 2);
    assert_eq!(head.headers.get_all("x-two").iter().collect::<Vec<_>>(), ["", "2"]);
}

#[test]
fn a_request_is_framed_anew() {
    let (parts, ()) = http::Request::post("https://ignored/path?Cmd=Sync")
        .header("Expect", "100-continue")
        .header("Content-Length", "99")
        .header("Transfer-Encoding", "chunked")
        .header("Connection", "X-Hop")
        .header("X-Hop", "1")
        .header("X-Kept", "1")
        .body(())
        .unwrap()
        .into_parts();
    let origin = Origin::plain("mail.test", 8080);
    let text = |length| String::from_utf8(encode_request(&parts, &origin, length).unwrap().to_vec()).unwrap();
    assert_eq!(
        text(Some(5)),
        "POST /path?Cmd=Sync HTTP/1.1\r\nhost: mail.test:8080\r\nx-kept: 1\r\ncontent-length: 5\r\n\r\n"
    );
    assert!(text(None).ends_with("x-kept: 1\r\ntransfer-encoding: chunked\r\n\r\n"));
    assert!(text(Some(0)).contains("content-length: 0"));
}
