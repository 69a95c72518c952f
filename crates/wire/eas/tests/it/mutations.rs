//! Damaged captures through every parser: nothing panics, and what is accepted stays stable.

use wire_eas::autodiscover::{pox, v2};
use wire_eas::command::Command;
use wire_eas::provision::client::ServerAnswer;
use wire_eas::query::{MAX_QUERY, Query};
use wire_eas::sniff::{multipart_first_part, sniff};
use wire_eas::version::Version;
use wire_eas::wbxml::{Element, Limits};
use wire_eas::{estimate, foldersync, longpoll, others, ping, provision, settings, sync};

use crate::corpus;

/// Marsaglia's xorshift: the same damage in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

fn damage(random: &mut Random, body: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..=random.below(3) {
        let at = random.below(body.len());
        match random.below(6) {
            0 if !body.is_empty() => body[at] ^= 1 << random.below(8),
            1 if !body.is_empty() => body[at] = random.next() as u8,
            2 => body.insert(at, random.next() as u8),
            3 => body.truncate(at),
            4 if !body.is_empty() => drop(body.remove(at)),
            _ => {
                let from = random.below(other.len());
                let piece = &other[from..other.len().min(from + random.below(64))];
                body.splice(at..at, piece.iter().copied());
            }
        }
    }
}

/// Feeds bytes to every parser of the crate.
pub fn feed(bytes: &[u8]) {
    if let Ok(tree) = Element::parse(bytes, Limits::default()) {
        let again = tree.to_document();
        let again = Element::parse(&again, Limits::default());
        assert_eq!(again.as_ref(), Ok(&tree));
        assert!(!tree.listing().is_empty());
    }
    let _ = (sniff(bytes, false), sniff(bytes, true), multipart_first_part(bytes), longpoll::interval(bytes));
    let _ = (provision::Request::parse(bytes), ServerAnswer::parse(bytes).map(|answer| answer.policy));
    let _ = (settings::Request::parse(bytes), estimate::parse_request(bytes));
    let _ = (settings::client::ServerAnswer::parse(bytes), settings::escrow::with_password_status(bytes, 1));
    if let Ok(Some(rest)) = settings::escrow::without_password(bytes) {
        let rest = settings::Request::parse(&rest);
        assert!(rest.is_err() || rest.is_ok_and(|rest| rest.device_password.is_none()));
    }
    let _ = (foldersync::parse_request(bytes), foldersync::Answer::parse(bytes));
    let _ = (sync::Request::parse(bytes), sync::Answer::parse(bytes));
    let _ = (ping::Request::parse(bytes), ping::Answer::parse(bytes));
    for command in Command::ALL {
        let _ = others::answer(command, Version::V14_1, bytes);
    }
    let _ = (pox::Request::parse(bytes), pox::Answer::parse(bytes));
    let text = String::from_utf8_lossy(bytes);
    let _ = v2::Request::parse(&text);
    if let Ok(query) = Query::parse(&text) {
        let written = query.to_plain_query();
        // Escapes can make it longer than a query may be.
        if written.len() > MAX_QUERY {
            return;
        }
        let again = Query::parse(&written).expect("a query that was written here");
        assert_eq!(again.device_id, query.device_id);
        assert_eq!(again.user, query.user);
    }
}

#[test]
fn the_corpus_itself_goes_through_every_parser() {
    for path in corpus::files("") {
        feed(&corpus::read(&path));
    }
}

#[test]
fn damaged_captures_do_no_harm() {
    let count =
        std::env::var("NOTIFYMDM_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(20_000);
    let mut seeds: Vec<Vec<u8>> = corpus::files(".bin").iter().map(|path| corpus::read(path)).collect();
    for query in ["Cmd=Sync&User=a%40b&DeviceId=ABC&DeviceType=x", "jQkJBAtURVNUREVWMDAwMQAKU21hcnRQaG9uZQ=="]
    {
        seeds.push(query.as_bytes().to_vec());
    }
    let request = pox::Request { email: "a@b.test".to_owned(), schema: pox::MOBILE_SCHEMA.to_owned() };
    seeds.push(request.encode().into_bytes());
    seeds.push(b"/autodiscover/autodiscover.json?Email=a%40b&Protocol=ActiveSync".to_vec());
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    for _ in 0..count {
        let mut body = seeds[random.below(seeds.len())].clone();
        let other = random.below(seeds.len());
        damage(&mut random, &mut body, &seeds[other]);
        feed(&body);
    }
}
