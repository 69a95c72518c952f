//! Polite answers of a mailbox without mail to the commands that it does not have (the stand-in server).
//!
//! Every answer is one that clients expect in ordinary life (nothing found, item gone, access denied), so that
//! they go on instead of retrying. Versions up to 12.1 get HTTP statuses where a command has no body of its
//! own to say it in.

use crate::body::{self, Error};
use crate::codepages::token::{
    air_sync, air_sync_base, item_operations, meeting_response, move_items, resolve_recipients, search,
};
use crate::command::Command;
use crate::refusal::{Form, Refusal, Style, status_body};
use crate::status;
use crate::version::Version;
use crate::wbxml::{Element, Tag, Writer};

/// Most items of one request.
const MAX_ITEMS: usize = 1024;
const MAX_TEXT: usize = 1024;

/// The answer to a command that the stand-in does not have. `None` for those it has: Sync, FolderSync,
/// GetItemEstimate, Settings, Ping, Provision.
pub fn answer(command: Command, version: Version, body: &[u8]) -> Option<Result<Form, Error>> {
    Some(match command {
        Command::Sync
        | Command::FolderSync
        | Command::GetItemEstimate
        | Command::Settings
        | Command::Ping
        | Command::Provision => return None,
        Command::SendMail | Command::SmartForward | Command::SmartReply => {
            Ok(by_version(command, version, status::common::MAIL_SUBMISSION_FAILED, Form::bare(403)))
        }
        Command::FolderCreate | Command::FolderDelete | Command::FolderUpdate => {
            let old = status_only(command, status::folder_sync::SERVER_ERROR);
            Ok(by_version(command, version, status::common::ACCESS_DENIED, old))
        }
        Command::MoveItems => moved(body).map(Form::ok),
        Command::MeetingResponse => met(body).map(Form::ok),
        Command::Search => Ok(Form::ok(nothing_found())),
        Command::ItemOperations => fetched(body).map(Form::ok),
        Command::ResolveRecipients => resolved(body).map(Form::ok),
        Command::ValidateCert => Ok(status_only(command, status::validate_cert::SERVER_ERROR)),
        Command::Find => Ok(status_only(command, status::common::COMMAND_NOT_SUPPORTED)),
        Command::GetAttachment
        | Command::GetHierarchy
        | Command::CreateCollection
        | Command::DeleteCollection
        | Command::MoveCollection => Ok(Refusal::CommandNotSupported.form(None, version, Style::default())),
    })
}

fn status_only(command: Command, status: u16) -> Form {
    status_body(command, status).map_or_else(|| Form::bare(501), Form::ok)
}

fn by_version(command: Command, version: Version, status: u16, old: Form) -> Form {
    if version <= Version::V12_1 { old } else { status_only(command, status) }
}

/// Reads the repeated elements of a request.
fn items(bytes: &[u8], root: Tag, item: Tag) -> Result<Vec<Element<'_>>, Error> {
    let root = body::parse(bytes, root)?;
    body::bounded(root.all(item).cloned().collect(), MAX_ITEMS, item)
}

fn document(root: Tag, content: impl FnOnce(&mut Writer)) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.nest(root, content);
    writer.finish()
}

/// MoveItems: every source item is gone.
fn moved(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    use move_items as t;
    let ids = items(bytes, t::MOVE_ITEMS, t::MOVE)?;
    let ids = ids
        .iter()
        .map(|item| body::required(item, t::SRC_MSG_ID, MAX_TEXT))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(document(t::MOVE_ITEMS, |w| {
        for id in ids {
            w.nest(t::RESPONSE, |w| {
                w.leaf(t::SRC_MSG_ID, &id);
                w.number(t::STATUS, status::move_items::INVALID_SOURCE);
            });
        }
    }))
}

/// MeetingResponse: no such meeting request.
fn met(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    use meeting_response as t;
    let requests = items(bytes, t::MEETING_RESPONSE, t::REQUEST)?;
    let ids = requests.iter().map(|request| body::string(request, t::REQUEST_ID, MAX_TEXT));
    let ids = ids.collect::<Result<Vec<_>, _>>()?;
    Ok(document(t::MEETING_RESPONSE, |w| {
        for id in ids {
            w.nest(t::RESULT, |w| {
                w.optional(t::REQUEST_ID, id.as_deref());
                w.number(t::STATUS, status::meeting_response::INVALID_REQUEST);
            });
        }
    }))
}

/// Search: success, and nothing found.
fn nothing_found() -> Vec<u8> {
    use search as t;
    document(t::SEARCH, |w| {
        w.number(t::STATUS, status::search::SUCCESS);
        w.nest(t::RESPONSE, |w| {
            w.nest(t::STORE, |w| {
                w.number(t::STATUS, status::search::SUCCESS);
                w.empty(t::RESULT);
                w.number(t::TOTAL, 0);
            });
        });
    })
}

/// ItemOperations: the item to fetch or the folder to empty is not there.
fn fetched(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    use item_operations as t;
    let root = body::parse(bytes, t::ITEM_OPERATIONS)?;
    let operations = [t::FETCH, t::EMPTY_FOLDER_CONTENTS, t::MOVE];
    let asked = root.children().iter().filter(|child| operations.contains(&child.tag)).collect();
    let asked = body::bounded(asked, MAX_ITEMS, t::FETCH)?;
    // What names the item is repeated, so that the client knows which answer is which.
    let names =
        [air_sync::COLLECTION_ID, air_sync::SERVER_ID, search::LONG_ID, air_sync_base::FILE_REFERENCE];
    Ok(document(t::ITEM_OPERATIONS, |w| {
        w.number(t::STATUS, status::item_operations::SUCCESS);
        w.nest(t::RESPONSE, |w| {
            for operation in asked {
                w.nest(operation.tag, |w| {
                    w.number(t::STATUS, status::item_operations::NOT_FOUND);
                    for name in names {
                        w.optional(name, operation.child_text(name));
                    }
                });
            }
        });
    }))
}

/// ResolveRecipients: nobody of that name.
fn resolved(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    use resolve_recipients as t;
    let recipients = items(bytes, t::RESOLVE_RECIPIENTS, t::TO)?;
    let names =
        recipients.iter().map(|to| to.text().ok_or(Error::Invalid(t::TO))).collect::<Result<Vec<_>, _>>()?;
    Ok(document(t::RESOLVE_RECIPIENTS, |w| {
        w.number(t::STATUS, status::resolve_recipients::SUCCESS);
        for name in names {
            w.nest(t::RESPONSE, |w| {
                w.leaf(t::TO, name);
                w.number(t::STATUS, status::resolve_recipients::NOT_FOUND);
                w.number(t::RECIPIENT_COUNT, 0);
            });
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wbxml::Limits;

    fn listing(command: Command, body: &[u8]) -> String {
        let form = answer(command, Version::V14_1, body).unwrap().unwrap();
        assert_eq!(form.http_status, 200);
        Element::parse(&form.body, Limits::default()).unwrap().listing()
    }

    #[test]
    fn every_command_is_either_the_stand_ins_own_or_answered_here() {
        let own = ["Sync", "FolderSync", "GetItemEstimate", "Settings", "Ping", "Provision"];
        for command in Command::ALL {
            for version in Version::ALL {
                let body = command.root().map(|root| document(root, |_| {})).unwrap_or_default();
                let form = answer(command, version, &body);
                assert_eq!(form.is_none(), own.contains(&command.name()));
                if let Some(form) = form {
                    let form = form.unwrap();
                    assert!(form.http_status != 500, "{command:?} {version}");
                    assert_eq!(form.http_status == 200, !form.body.is_empty(), "{command:?} {version}");
                }
            }
        }
    }

    #[test]
    fn real_requests_get_an_answer_for_each_item() {
        let body = include_bytes!("../testdata/captured/pyactivesync-zpush/09-MoveItems-req.bin");
        let moved = listing(Command::MoveItems, body);
        assert!(moved.contains("<Move:SrcMsgId>\n      1\n"), "{moved}");
        let body = include_bytes!("../testdata/captured/pyactivesync-zpush/07-ItemOperations-req.bin");
        let fetched = listing(Command::ItemOperations, body);
        assert!(fetched.contains("bb6c6ad8") && fetched.contains("      6\n"), "{fetched}");
        let body = include_bytes!("../testdata/captured/pyactivesync-zpush/17-ResolveRecipients-req.bin");
        let resolved = listing(Command::ResolveRecipients, body);
        assert!(resolved.contains("u1") && resolved.contains("    4\n"), "{resolved}");
        let body = include_bytes!("../testdata/captured/pyactivesync-zpush/12-Search-req.bin");
        assert!(listing(Command::Search, body).contains("<Search:Total>\n        0\n"));
    }

    #[test]
    fn a_body_of_another_command_is_refused() {
        let sync = status_body(Command::Sync, 1).unwrap();
        assert_eq!(answer(Command::MoveItems, Version::V14_1, &sync), Some(Err(Error::Root(air_sync::SYNC))));
    }
}
