//! Mail, calendar and contacts: Sync, sending, fetching, moving.

use std::time::Duration;

use super::call::Call;
use super::device::Device;
use super::reply::Reply;
use super::version::Version;
use crate::http::Error;
use crate::wbxml::{Element, el};

/// What to ask of a folder.
#[derive(Clone, Debug)]
pub struct SyncAsk {
    /// Class named at 12.0 and below, and that decides the shape: `Email`, `Calendar`, `Contacts`.
    pub class: &'static str,
    /// Most items wanted.
    pub window: u32,
    /// Whether changes are wanted.
    pub get_changes: bool,
    /// Park up to this many minutes if there is nothing (12.1 and later).
    pub wait: Option<u32>,
    /// Park up to this many seconds if there is nothing (14.0 and later).
    pub heartbeat: Option<u32>,
    /// The phone's own changes: Add, Change, Delete, Fetch elements.
    pub commands: Vec<Element>,
}

impl Default for SyncAsk {
    fn default() -> SyncAsk {
        SyncAsk {
            class: "Email",
            window: 25,
            get_changes: true,
            wait: None,
            heartbeat: None,
            commands: Vec::new(),
        }
    }
}

/// An item that the server added or changed.
#[derive(Clone, Debug)]
pub struct Item {
    /// Identifier within the folder.
    pub id: String,
    /// Its ApplicationData.
    pub data: Element,
}

impl Item {
    fn of(element: &Element) -> Option<Item> {
        let id = element.text_at("ServerId")?.to_owned();
        Some(Item { id, data: element.at("ApplicationData").cloned()? })
    }

    /// The subject, if it has one.
    pub fn subject(&self) -> Option<&str> {
        self.data.text_at("Subject")
    }

    /// The body text, wherever this version puts it.
    pub fn body(&self) -> Option<&str> {
        self.data.text_at("Body/Data").or_else(|| self.data.text_at("Body"))
    }
}

/// What a Sync of one folder came back with.
#[derive(Clone, Debug)]
pub struct SyncAnswer {
    /// Status of the folder, or of the whole answer if there is none.
    pub status: Option<u32>,
    /// New key, remembered by the phone.
    pub key: Option<String>,
    /// Items added.
    pub added: Vec<Item>,
    /// Items changed.
    pub changed: Vec<Item>,
    /// Identifiers of items deleted.
    pub deleted: Vec<String>,
    /// `(client id, server id, status)` of the phone's own additions.
    pub accepted: Vec<(String, Option<String>, u32)>,
    /// Whether there is more.
    pub more: bool,
    /// The whole answer; an empty body means that nothing changed.
    pub reply: Reply,
}

impl SyncAnswer {
    fn of(reply: Reply) -> SyncAnswer {
        let folder = reply.tree.as_ref().and_then(|t| t.at("Collections/Collection"));
        let items = |path: &str| {
            folder.map(|f| f.all(path)).unwrap_or_default().into_iter().filter_map(Item::of).collect()
        };
        let texts = |path: &str| -> Vec<String> {
            let found = folder.map(|f| f.all(path)).unwrap_or_default();
            found.into_iter().filter_map(Element::value).map(str::to_owned).collect()
        };
        let accepted = folder.map(|f| f.all("Responses/Add")).unwrap_or_default();
        SyncAnswer {
            status: folder.and_then(|f| f.number_at("Status")).or_else(|| reply.status()),
            key: folder.and_then(|f| f.text_at("SyncKey")).map(str::to_owned),
            added: items("Commands/Add"),
            changed: items("Commands/Change"),
            deleted: texts("Commands/Delete/ServerId"),
            accepted: accepted
                .into_iter()
                .filter_map(|a| {
                    let server = a.text_at("ServerId").map(str::to_owned);
                    Some((a.text_at("ClientId")?.to_owned(), server, a.number_at("Status")?))
                })
                .collect(),
            more: folder.is_some_and(|f| f.at("MoreAvailable").is_some()),
            reply,
        }
    }
}

impl Device {
    /// The document of a Sync of one folder with the key that the phone holds.
    pub fn sync_document(&self, folder: &str, ask: &SyncAsk) -> Element {
        let key = self.sync_keys.get(folder).map_or("0", String::as_str);
        let mut collection = el("AirSync:Collection");
        if self.version < Version::V12_1 {
            collection = collection.with(el("AirSync:Class").text(ask.class));
        }
        collection =
            collection.with(el("AirSync:SyncKey").text(key)).with(el("AirSync:CollectionId").text(folder));
        if key != "0" {
            if ask.get_changes {
                collection = collection
                    .with(el("AirSync:DeletesAsMoves").text(1))
                    .with(el("AirSync:GetChanges").text(1))
                    .with(el("AirSync:WindowSize").text(ask.window));
                collection = collection.with_some(self.body_options());
            }
            if !ask.commands.is_empty() {
                collection = collection.with(el("AirSync:Commands").with_all(ask.commands.iter().cloned()));
            }
        }
        let parks = key != "0";
        el("AirSync:Sync")
            .with(el("AirSync:Collections").with(collection))
            .with_some(ask.wait.filter(|_| parks).map(|m| el("AirSync:Wait").text(m)))
            .with_some(ask.heartbeat.filter(|_| parks).map(|s| el("AirSync:HeartbeatInterval").text(s)))
    }

    fn body_options(&self) -> Option<Element> {
        (self.version >= Version::V12_0).then(|| {
            let preference = el("AirSyncBase:BodyPreference")
                .with(el("AirSyncBase:Type").text(1))
                .with(el("AirSyncBase:TruncationSize").text(51_200));
            el("AirSync:Options").with(el("AirSync:FilterType").text(0)).with(preference)
        })
    }

    /// Syncs a folder, strictly; remembers the key. Without a key this is the exchange that fetches the first.
    ///
    /// # Errors
    /// When there is no HTTP answer in time (the parking time and two minutes).
    pub async fn sync(&mut self, folder: &str, ask: &SyncAsk) -> Result<SyncAnswer, Error> {
        let parked = ask.wait.map_or(0, |m| u64::from(m) * 60).max(ask.heartbeat.map_or(0, u64::from));
        let call =
            Call::new("Sync", &self.sync_document(folder, ask)).within(Duration::from_secs(parked + 120));
        let answer = SyncAnswer::of(self.send(call).await?);
        match (answer.status, &answer.key) {
            (Some(1), Some(key)) => {
                self.sync_keys.insert(folder.to_owned(), key.clone());
            }
            (Some(3), _) => {
                self.sync_keys.remove(folder);
            }
            _ => {}
        }
        Ok(answer)
    }

    /// Syncs a folder from nothing until there is no more, strictly; everything added.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn sync_all(&mut self, folder: &str) -> Result<Vec<Item>, Error> {
        let mut items = Vec::new();
        if !self.sync_keys.contains_key(folder) {
            self.sync(folder, &SyncAsk::default()).await?;
        }
        // Bounded, so that a server which always claims more cannot hold us.
        for _ in 0..1000 {
            let answer = self.sync(folder, &SyncAsk::default()).await?;
            items.extend(answer.added);
            if !answer.more {
                break;
            }
        }
        Ok(items)
    }

    /// Repeats the last Sync without a body (12.1 and later).
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn sync_again(&mut self) -> Result<SyncAnswer, Error> {
        Ok(SyncAnswer::of(self.raw("Sync", Vec::new()).await?))
    }

    /// Adds an item (its ApplicationData children) to a folder by Sync.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn add_item(
        &mut self,
        folder: &str,
        class: &'static str,
        data: Vec<Element>,
    ) -> Result<SyncAnswer, Error> {
        if !self.sync_keys.contains_key(folder) {
            self.sync(folder, &SyncAsk { class, ..SyncAsk::default() }).await?;
        }
        self.mails_sent += 1;
        let add = el("AirSync:Add")
            .with(el("AirSync:ClientId").text(format!("new{}", self.mails_sent)))
            .with(el("AirSync:ApplicationData").with_all(data));
        let ask = SyncAsk { class, get_changes: false, commands: vec![add], ..SyncAsk::default() };
        self.sync(folder, &ask).await
    }

    /// The call that sends a mail: MIME at 12.1 and below, a document from 14.0 on.
    pub fn send_mail_call(&mut self, mime: &[u8]) -> Call {
        self.mails_sent += 1;
        if !self.version.has_common_status() {
            let mut call = Call::with_body("SendMail", mime.to_vec()).param("SaveInSent", "T");
            call.content_type = "message/rfc822";
            return call;
        }
        let id = format!("{}-{}", self.device_id, self.mails_sent);
        let root = el("ComposeMail:SendMail")
            .with(el("ComposeMail:ClientId").text(id))
            .with(el("ComposeMail:SaveInSentItems"))
            .with(el("ComposeMail:Mime").opaque(mime));
        Call::new("SendMail", &root)
    }

    /// Sends a plain mail, strictly. Success is 200 with an empty body.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn send_mail(
        &mut self,
        from: &str,
        to: &str,
        subject: &str,
        text: &str,
    ) -> Result<Reply, Error> {
        let id = format!("{}.{}@device.invalid", self.device_id, self.mails_sent);
        let mime = format!(
            "From: <{from}>\r\nTo: <{to}>\r\nSubject: {subject}\r\nMessage-ID: <{id}>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        );
        let call = self.send_mail_call(mime.as_bytes());
        self.send(call).await
    }

    /// Fetches an item of a folder, strictly; `multipart` asks for the body in a part of its own.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn fetch(&mut self, folder: &str, item: &str, multipart: bool) -> Result<Reply, Error> {
        let fetch = el("ItemOperations:Fetch")
            .with(el("ItemOperations:Store").text("Mailbox"))
            .with(el("AirSync:CollectionId").text(folder))
            .with(el("AirSync:ServerId").text(item))
            .with(
                el("ItemOperations:Options")
                    .with(el("AirSyncBase:BodyPreference").with(el("AirSyncBase:Type").text(1))),
            );
        self.item_operations(fetch, multipart).await
    }

    /// Fetches an attachment, strictly: ItemOperations from 12.0 on.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn fetch_attachment(&mut self, reference: &str, multipart: bool) -> Result<Reply, Error> {
        let fetch = el("ItemOperations:Fetch")
            .with(el("ItemOperations:Store").text("Mailbox"))
            .with(el("AirSyncBase:FileReference").text(reference));
        self.item_operations(fetch, multipart).await
    }

    /// Any ItemOperations child, strictly.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn item_operations(&mut self, operation: Element, multipart: bool) -> Result<Reply, Error> {
        let root = el("ItemOperations:ItemOperations").with(operation);
        self.send(Call { multipart, ..Call::new("ItemOperations", &root) }).await
    }

    /// Moves an item to another folder, strictly.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn move_item(&mut self, item: &str, from: &str, to: &str) -> Result<Reply, Error> {
        let one = el("Move:Move")
            .with(el("Move:SrcMsgId").text(item))
            .with(el("Move:SrcFldId").text(from))
            .with(el("Move:DstFldId").text(to));
        self.exchange("MoveItems", &el("Move:MoveItems").with(one)).await
    }
}
