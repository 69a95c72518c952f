//! Every recorded body decodes to the tree that an independent decoder saw, and encodes back.

use std::fs;

use wire_eas::body::Error;
use wire_eas::command::Command;
use wire_eas::provision::client::ServerAnswer;
use wire_eas::query::Query;
use wire_eas::sniff::{Sniff, sniff};
use wire_eas::version::Version;
use wire_eas::wbxml::{Element, Limits};
use wire_eas::{estimate, foldersync, others, ping, provision, settings, sync};

use crate::corpus;

fn parse(body: &[u8]) -> Element<'_> {
    Element::parse(body, Limits::default()).expect("a recorded document")
}

#[test]
fn every_document_is_byte_equal_after_decoding_and_encoding() {
    let documents = corpus::documents();
    assert!(documents.len() > 190, "only {} documents", documents.len());
    for (path, body) in &documents {
        let again = parse(body).to_document();
        assert!(again == *body, "{}", path.display());
    }
}

#[test]
fn every_tree_is_the_one_that_an_independent_decoder_printed() {
    let mut compared = 0;
    for path in corpus::files(".tree.txt") {
        let body = corpus::read(path.to_string_lossy().replace(".tree.txt", ".bin").as_ref());
        let tree = fs::read_to_string(&path).expect("text");
        let Some((_, tree)) = tree.split_once("-->\n") else { panic!("{}", path.display()) };
        if tree.is_empty() {
            continue;
        }
        // The other decoder spells two names differently.
        let expected =
            tree.replace("Email:Reply-To", "Email:ReplyTo").replace("ComposeMail:MIME", "ComposeMail:Mime");
        assert_eq!(comparable(&parse(&body).listing()), comparable(&expected), "{}", path.display());
        compared += 1;
    }
    assert!(compared > 200, "only {compared} compared");
}

/// The other decoder prints opaque data in another way, so of these only the length is compared.
fn comparable(listing: &str) -> Vec<String> {
    listing
        .lines()
        .map(|line| {
            match line.trim().strip_prefix("[OPAQUE ").and_then(|rest| rest.split([':', ']']).next()) {
                Some(length) => format!("[OPAQUE {length}]"),
                None => line.trim_end().to_owned(),
            }
        })
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn every_recorded_request_is_understood_by_its_commands_parser() {
    let mut understood = 0;
    for path in corpus::files(".json").into_iter().filter(|path| path.to_string_lossy().contains("captured"))
    {
        let exchange: serde_json::Value = serde_json::from_slice(&corpus::read(&path)).expect("JSON");
        let target = exchange["target"].as_str().expect("a target");
        let Some((_, text)) = target.split_once('?') else { continue };
        let Ok(query) = Query::parse(text) else {
            assert!(target.contains("Bogus"), "{target}");
            continue;
        };
        let command = query.command.expect("a command");
        assert!(query.device_id.is_some(), "{target}");
        let body =
            path.with_file_name(format!("{}-req.bin", path.file_stem().expect("name").to_string_lossy()));
        let body = fs::read(&body).unwrap_or_default();
        let checked = check(command, &body);
        assert_eq!(checked, Ok(()), "{}", path.display());
        understood += 1;
    }
    assert!(understood > 90, "only {understood} requests");
}

fn check(command: Command, body: &[u8]) -> Result<(), Error> {
    if let Sniff::Root { tag, .. } = sniff(body, true) {
        // SOGo dispatches on the root; one capture proves it with a FolderSync sent as Ping.
        assert!(Command::from_root(tag).is_some());
    }
    match command {
        Command::Provision => provision::Request::parse(body).map(drop),
        Command::Settings => settings::Request::parse(body).map(drop),
        Command::Sync => sync::Request::parse(body).map(drop),
        Command::Ping => ping::Request::parse(body).map(drop),
        Command::FolderSync => foldersync::parse_request(body).map(drop),
        Command::GetItemEstimate => estimate::parse_request(body).map(drop),
        Command::SendMail => Ok(()),
        other => others::answer(other, Version::V14_1, body).expect("not the stand-in's own").map(drop),
    }
}

#[test]
fn every_recorded_answer_to_provision_is_understood() {
    let mut understood = 0;
    for path in corpus::files("Provision-resp.bin") {
        let answer = ServerAnswer::parse(&corpus::read(&path));
        let status = answer.unwrap_or_else(|error| panic!("{}: {error}", path.display())).status;
        assert!([1, 2].contains(&status), "{}", path.display());
        understood += 1;
    }
    assert!(understood >= 15, "only {understood}");
}
