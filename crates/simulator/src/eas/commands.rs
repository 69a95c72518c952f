//! Commands besides Provision and Sync: what the phone sends, and what it learns from the answers.

use std::time::Duration;

use super::call::Call;
use super::device::{Device, Folder, PATH};
use super::provision::device_information;
use super::react::Handled;
use super::reply::Reply;
use super::version::Version;
use crate::http::{Error, Request};
use crate::wbxml::{Element, el};

/// What a server offers in answer to OPTIONS.
#[derive(Clone, Debug)]
pub struct Offer {
    /// HTTP status.
    pub http: u16,
    /// Versions, as far as they are known.
    pub versions: Vec<Version>,
    /// Commands.
    pub commands: Vec<String>,
    /// The whole answer.
    pub reply: Reply,
}

/// What a Ping came back with.
#[derive(Clone, Debug)]
pub struct PingAnswer {
    /// Ping status: 1 nothing changed, 2 changes, 5 interval out of range, 7 sync the hierarchy, …
    pub status: Option<u32>,
    /// Folders with changes.
    pub changed: Vec<String>,
    /// The interval that the server proposes with status 5, in seconds.
    pub heartbeat: Option<u32>,
    /// The whole answer.
    pub reply: Reply,
}

impl PingAnswer {
    fn of(reply: Reply) -> PingAnswer {
        let folders = reply.tree.as_ref().map(|t| t.all("Folders/Folder")).unwrap_or_default();
        PingAnswer {
            status: reply.status(),
            changed: folders.into_iter().filter_map(Element::value).map(str::to_owned).collect(),
            heartbeat: reply.number_at("HeartbeatInterval"),
            reply,
        }
    }
}

impl Device {
    /// Asks what the server can do.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn options(&mut self) -> Result<Offer, Error> {
        let mut request = Request::new("OPTIONS", PATH, Vec::new());
        request.headers = self.common_headers();
        let reply = Reply::new(self.client.send(&request).await?);
        let list = |name: &str| reply.headers.get(name).unwrap_or_default().to_owned();
        let versions = list("MS-ASProtocolVersions").split(',').filter_map(|v| v.parse().ok()).collect();
        let commands = list("MS-ASProtocolCommands")
            .split(',')
            .map(|c| c.trim().to_owned())
            .filter(|c| !c.is_empty())
            .collect();
        Ok(Offer { http: reply.http, versions, commands, reply })
    }

    /// Asks what the server can do and takes the highest version that both speak, up to `highest`.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn negotiate(&mut self, highest: Version) -> Result<Offer, Error> {
        let offer = self.options().await?;
        if let Some(version) = offer.versions.iter().copied().filter(|v| *v <= highest).max() {
            self.version = version;
        }
        Ok(offer)
    }

    /// Fetches the folder list (or what changed in it), strictly; remembers folders and key on success.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn folder_sync(&mut self) -> Result<Reply, Error> {
        let reply = self.exchange("FolderSync", &self.folder_sync_document()).await?;
        self.learn_folders(&reply);
        Ok(reply)
    }

    /// Fetches the folder list like a phone: provisions if it must.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn connect(&mut self) -> Result<Handled, Error> {
        let handled = self.command("FolderSync", &self.folder_sync_document()).await?;
        if let Handled::Done(reply) = &handled {
            self.learn_folders(reply);
        }
        Ok(handled)
    }

    fn folder_sync_document(&self) -> Element {
        el("FolderHierarchy:FolderSync").with(el("FolderHierarchy:SyncKey").text(&self.hierarchy_key))
    }

    fn learn_folders(&mut self, reply: &Reply) {
        match (reply.status(), reply.tree.as_ref()) {
            (Some(1), Some(tree)) => {
                for add in tree.all("Changes/Add") {
                    let (Some(id), Some(name)) = (add.text_at("ServerId"), add.text_at("DisplayName")) else {
                        continue;
                    };
                    let kind = add.number_at("Type").unwrap_or(1);
                    self.folders.retain(|f| f.id != id);
                    self.folders.push(Folder { id: id.to_owned(), name: name.to_owned(), kind });
                }
                for gone in tree.all("Changes/Delete/ServerId") {
                    self.folders.retain(|f| Some(f.id.as_str()) != gone.value());
                }
                if let Some(key) = tree.text_at("SyncKey") {
                    key.clone_into(&mut self.hierarchy_key);
                }
            }
            // The key is unknown to the server: start over next time.
            (Some(9), _) => {
                "0".clone_into(&mut self.hierarchy_key);
                self.folders.clear();
            }
            _ => {}
        }
    }

    /// A Ping document over these folders.
    pub fn ping_document(heartbeat: u32, folders: &[(&str, &str)]) -> Element {
        let folders = folders.iter().map(|(id, class)| {
            el("Ping:Folder").with(el("Ping:Id").text(id)).with(el("Ping:Class").text(class))
        });
        el("Ping:Ping")
            .with(el("Ping:HeartbeatInterval").text(heartbeat))
            .with(el("Ping:Folders").with_all(folders))
    }

    /// Parks a Ping on the Inbox (or the first folder) for `heartbeat` seconds, strictly.
    ///
    /// # Errors
    /// When there is no HTTP answer within the heartbeat and two minutes.
    pub async fn ping(&mut self, heartbeat: u32) -> Result<PingAnswer, Error> {
        let inbox = self.folder(2).or(self.folders.first()).map_or_else(|| "1".to_owned(), |f| f.id.clone());
        let document = Device::ping_document(heartbeat, &[(&inbox, "Email")]);
        let call = Call::new("Ping", &document).within(Duration::from_secs(u64::from(heartbeat) + 120));
        Ok(PingAnswer::of(self.send(call).await?))
    }

    /// A Ping without a body: the server repeats the last one.
    ///
    /// # Errors
    /// When there is no HTTP answer within `timeout`.
    pub async fn ping_again(&mut self, timeout: Duration) -> Result<PingAnswer, Error> {
        Ok(PingAnswer::of(self.send(Call::with_body("Ping", Vec::new()).within(timeout)).await?))
    }

    /// Reports device information by Settings (12.0 to 14.0 do it this way).
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn settings_device_information(&mut self) -> Result<Reply, Error> {
        let root = el("Settings:Settings").with(device_information(&self.information));
        self.exchange("Settings", &root).await
    }

    /// Asks for the user's addresses.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn settings_user_information(&mut self) -> Result<Reply, Error> {
        let root = el("Settings:Settings").with(el("Settings:UserInformation").with(el("Settings:Get")));
        self.exchange("Settings", &root).await
    }

    /// Asks for the out-of-office state.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn settings_out_of_office(&mut self) -> Result<Reply, Error> {
        let get = el("Settings:Get").with(el("Settings:BodyType").text("Text"));
        self.exchange("Settings", &el("Settings:Settings").with(el("Settings:Oof").with(get))).await
    }

    /// Asks how many changes wait in a folder.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn estimate(&mut self, folder: &str) -> Result<Reply, Error> {
        let key = self.sync_keys.get(folder).cloned().unwrap_or_else(|| "0".to_owned());
        let mut collection = el("GetItemEstimate:Collection");
        // The order changed with 14.0: key first, and it became part of AirSync.
        collection = if self.version >= Version::V14_0 {
            collection
                .with(el("AirSync:SyncKey").text(key))
                .with(el("GetItemEstimate:CollectionId").text(folder))
        } else {
            collection
                .with(el("GetItemEstimate:Class").text("Email"))
                .with(el("GetItemEstimate:CollectionId").text(folder))
                .with(el("AirSync:FilterType").text(0))
                .with(el("AirSync:SyncKey").text(key))
        };
        let root =
            el("GetItemEstimate:GetItemEstimate").with(el("GetItemEstimate:Collections").with(collection));
        self.exchange("GetItemEstimate", &root).await
    }

    /// Searches the address list.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn search_people(&mut self, text: &str) -> Result<Reply, Error> {
        let store = el("Search:Store")
            .with(el("Search:Name").text("GAL"))
            .with(el("Search:Query").text(text))
            .with(el("Search:Options").with(el("Search:Range").text("0-9")));
        self.exchange("Search", &el("Search:Search").with(store)).await
    }
}
