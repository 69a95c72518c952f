//! Items one by one: how they look per version, ItemOperations, GetAttachment, MoveItems, Search, Find.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::gate::{Ask, document, status};
use super::state::{Content, MailData, Mailbox, State};
use crate::eas::Version;
use crate::http::Answer;
use crate::wbxml::{Child, Element, el, encode};

pub(super) fn answer(state: &mut State, ask: &Ask) -> Answer {
    let cmd = ask.query.cmd.as_str();
    if cmd == "GetAttachment" {
        let name = ask.query.param("AttachmentName").unwrap_or_default();
        let found = state.mailboxes.get(&ask.user).and_then(|m| attachment(m, name));
        return match found {
            Some(bytes) => Answer::new(200, bytes.to_vec()).with("Content-Type", "application/octet-stream"),
            None => Answer::new(500, Vec::new()),
        };
    }
    let Some(root) = ask.root.as_ref().filter(|r| r.local() == cmd) else { return status(cmd, 2) };
    match cmd {
        "ItemOperations" => item_operations(state, ask, root),
        "MoveItems" => move_items(state, ask, root),
        _ => search(state, cmd, root),
    }
}

/// Identifier of the n-th item that one request adds or moves. Delivered mail takes its mark as identifier;
/// these lie far above all marks.
pub(super) fn added_id(mark: u64, n: usize) -> u64 {
    (1 << 40) + mark * 1000 + n as u64
}

/// Children of ApplicationData (or Properties) of an item.
pub(super) fn application_data(content: &Content, version: Version, folder: &str, item: u64) -> Vec<Element> {
    let mail = match content {
        Content::Data(children) => return children.clone(),
        Content::Mail(mail) => mail,
    };
    let mut rows = vec![
        el("Email:To").text(&mail.to),
        el("Email:From").text(&mail.from),
        el("Email:Subject").text(&mail.subject),
        el("Email:DateReceived").text(&mail.received),
        el("Email:Importance").text(1),
        el("Email:Read").text(u8::from(mail.read)),
        el("Email:MessageClass").text("IPM.Note"),
        el("Email:InternetCPID").text(65_001),
    ];
    if version >= Version::V12_0 {
        rows.push(body(mail).with(el("AirSyncBase:Data").text(&mail.text)));
        if !mail.attachments.is_empty() {
            let list = mail.attachments.iter().enumerate().map(|(n, (name, bytes))| {
                el("AirSyncBase:Attachment")
                    .with(el("AirSyncBase:DisplayName").text(name))
                    .with(el("AirSyncBase:FileReference").text(format!("{folder}:{item}:{n}")))
                    .with(el("AirSyncBase:Method").text(1))
                    .with(el("AirSyncBase:EstimatedDataSize").text(bytes.len()))
            });
            rows.push(el("AirSyncBase:Attachments").with_all(list));
        }
    } else {
        rows.push(el("Email:BodySize").text(mail.text.len()));
        rows.push(el("Email:BodyTruncated").text(0));
        rows.push(el("Email:Body").text(&mail.text));
    }
    rows
}

fn body(mail: &MailData) -> Element {
    el("AirSyncBase:Body")
        .with(el("AirSyncBase:Type").text(1))
        .with(el("AirSyncBase:EstimatedDataSize").text(mail.text.len()))
        .with(el("AirSyncBase:Truncated").text(0))
}

/// The attachment of a reference `folder:item:index`.
fn attachment(mailbox: &Mailbox, reference: &str) -> Option<Arc<Vec<u8>>> {
    let mut parts = reference.rsplitn(3, ':');
    let index: usize = parts.next()?.parse().ok()?;
    let item: u64 = parts.next()?.parse().ok()?;
    match &mailbox.folders.get(parts.next()?)?.items.get(&item)?.content {
        Content::Mail(mail) => mail.attachments.get(index).map(|(_, bytes)| Arc::clone(bytes)),
        Content::Data(_) => None,
    }
}

fn item_operations(state: &mut State, ask: &Ask, root: &Element) -> Answer {
    let Some(mailbox) = state.mailboxes.get_mut(&ask.user) else { return status("ItemOperations", 3) };
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let mut responses = Vec::new();
    for operation in root.elements() {
        if operation.local() == "EmptyFolderContents" {
            let folder = operation.text_at("CollectionId").and_then(|f| mailbox.folders.get_mut(f));
            let code = if folder.is_some() { 1 } else { 6 };
            if let Some(folder) = folder {
                folder.items.clear();
            }
            responses
                .push(el("ItemOperations:EmptyFolderContents").with(el("ItemOperations:Status").text(code)));
        } else if operation.local() == "Fetch" {
            responses.push(fetch(mailbox, ask, operation, &mut parts));
        }
    }
    let answer = el("ItemOperations:ItemOperations")
        .with(el("ItemOperations:Status").text(1))
        .with(el("ItemOperations:Response").with_all(responses));
    if !ask.multipart {
        return document(&answer);
    }
    parts.insert(0, encode(&answer));
    Answer::new(200, multipart(&parts)).with("Content-Type", "application/vnd.ms-sync.multipart")
}

/// One Fetch; with multipart the bulk goes to `parts` and only its number stays in the document.
fn fetch(mailbox: &Mailbox, ask: &Ask, asked: &Element, parts: &mut Vec<Vec<u8>>) -> Element {
    let answer = |code: u32| el("ItemOperations:Fetch").with(el("ItemOperations:Status").text(code));
    if let Some(reference) = asked.text_at("FileReference") {
        let Some(bytes) = attachment(mailbox, reference) else { return answer(15) };
        let data = if ask.multipart {
            parts.push(bytes.to_vec());
            el("ItemOperations:Part").text(parts.len())
        } else {
            el("ItemOperations:Data").text(STANDARD.encode(&*bytes))
        };
        let properties = el("ItemOperations:Properties")
            .with(el("AirSyncBase:ContentType").text("application/octet-stream"))
            .with(data);
        return answer(1).with(el("AirSyncBase:FileReference").text(reference)).with(properties);
    }
    let (Some(folder), Some(id)) = (asked.text_at("CollectionId"), asked.text_at("ServerId")) else {
        return answer(2);
    };
    let item: Option<u64> = id.rsplit(':').next().and_then(|i| i.parse().ok());
    let stored = mailbox.folders.get(folder).zip(item).and_then(|(f, i)| f.items.get(&i));
    let (Some(stored), Some(item)) = (stored, item) else { return answer(6) };
    let mut rows = application_data(&stored.content, ask.version, folder, item);
    if let (true, Content::Mail(mail)) = (ask.multipart, &stored.content) {
        parts.push(mail.text.clone().into_bytes());
        rows.retain(|e| e.local() != "Body");
        rows.push(body(mail).with(el("ItemOperations:Part").text(parts.len())));
    }
    answer(1)
        .with(el("AirSync:CollectionId").text(folder))
        .with(el("AirSync:ServerId").text(id))
        .with(el("AirSync:Class").text("Email"))
        .with(el("ItemOperations:Properties").with_all(rows))
}

/// Joins parts behind their table (MS-ASCMD 2.2.1.1).
fn multipart(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut out = (parts.len() as u32).to_le_bytes().to_vec();
    let mut offset = 4 + 8 * parts.len();
    for part in parts {
        out.extend((offset as u32).to_le_bytes());
        out.extend((part.len() as u32).to_le_bytes());
        offset += part.len();
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

fn move_items(state: &mut State, ask: &Ask, root: &Element) -> Answer {
    let mark = state.next_mark();
    let Some(mailbox) = state.mailboxes.get_mut(&ask.user) else { return status("MoveItems", 5) };
    let mut responses = Vec::new();
    for (n, one) in root.all("Move").into_iter().enumerate() {
        let text = |name| one.text_at(name).unwrap_or_default();
        let (source, from, to) = (text("SrcMsgId"), text("SrcFldId"), text("DstFldId"));
        let item: Option<u64> = source.rsplit(':').next().and_then(|i| i.parse().ok());
        let id = added_id(mark, n);
        let code = if from == to {
            4
        } else if !mailbox.folders.contains_key(to) {
            2
        } else {
            match mailbox.folders.get_mut(from).zip(item).and_then(|(f, i)| {
                f.mark = mark;
                f.items.remove(&i)
            }) {
                None => 1,
                Some(mut stored) => {
                    stored.mark = mark;
                    if let Some(target) = mailbox.folders.get_mut(to) {
                        target.items.insert(id, stored);
                        target.mark = mark;
                    }
                    3
                }
            }
        };
        responses.push(
            el("Move:Response")
                .with(el("Move:SrcMsgId").text(source))
                .with(el("Move:Status").text(code))
                .with_some((code == 3).then(|| el("Move:DstMsgId").text(id))),
        );
    }
    document(&el("Move:MoveItems").with_all(responses))
}

/// Search (and Find) in the address list; mailbox searches find nothing.
fn search(state: &State, cmd: &str, root: &Element) -> Answer {
    let text = root
        .text_at("Store/Query")
        .or_else(|| root.text_at("ExecuteSearch/GalSearchCriterion/Query"))
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut names: Vec<(&String, &Mailbox)> =
        state.mailboxes.iter().filter(|(n, _)| !text.is_empty() && n.contains(&text)).collect();
    names.sort_by_key(|(n, _)| n.as_str());
    let (result, properties) = if cmd == "Find" {
        ("Find:Result", "Find:Properties")
    } else {
        ("Search:Result", "Search:Properties")
    };
    let results = names.iter().map(|(name, mailbox)| {
        let rows = el(properties)
            .with(el("GAL:DisplayName").text(name))
            .with(el("GAL:EmailAddress").text(&mailbox.address));
        el(result).with(rows)
    });
    let total = names.len();
    let range = format!("0-{}", total.saturating_sub(1));
    let root = if cmd == "Find" {
        el("Find:Find").with(el("Find:Status").text(1)).with(
            el("Find:Response")
                .with(el("ItemOperations:Store").text("GAL"))
                .with(el("Find:Status").text(1))
                .with_all(results)
                .with(el("Find:Range").text(range))
                .with(el("Find:Total").text(total)),
        )
    } else {
        let mut store = el("Search:Store").with(el("Search:Status").text(1)).with_all(results);
        if total > 0 {
            store.children.push(Child::Element(el("Search:Range").text(range)));
        }
        let store = store.with(el("Search:Total").text(total));
        el("Search:Search").with(el("Search:Status").text(1)).with(el("Search:Response").with(store))
    };
    document(&root)
}
