//! Provisioning (MS-ASPROV): the two phases, device information, and wipe directives.

use std::collections::BTreeMap;

use super::device::Device;
use super::reply::Reply;
use super::version::Version;
use crate::http::Error;
use crate::wbxml::{Element, Tag, el};

/// What a wipe destroys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WipeKind {
    /// The whole device.
    Device,
    /// The account and its data only (16.1).
    Account,
}

impl WipeKind {
    fn element(self) -> Element {
        match self {
            WipeKind::Device => el("Provision:RemoteWipe"),
            WipeKind::Account => el("Provision:AccountOnlyRemoteWipe"),
        }
    }
}

/// What came of a Provision exchange.
#[derive(Clone, Debug)]
pub struct Provisioned {
    /// HTTP status of the last answer.
    pub http: u16,
    /// Status of the Provision element, last answer.
    pub status: Option<u32>,
    /// Status of the Policy element, last answer.
    pub policy_status: Option<u32>,
    /// Policy key of the last answer.
    pub key: Option<u32>,
    /// The policy document of the first answer, element → value; empty tags are empty values.
    pub policy: BTreeMap<String, String>,
    /// The wipe that was ordered.
    pub wipe: Option<WipeKind>,
    /// Every answer of the dance.
    pub replies: Vec<Reply>,
}

impl Provisioned {
    fn of(reply: Reply) -> Provisioned {
        let tree = reply.tree.as_ref();
        let policy = tree.and_then(|t| t.at("Policies/Policy"));
        Provisioned {
            http: reply.http,
            status: reply.status(),
            policy_status: policy.and_then(|p| p.number_at("Status")),
            key: policy.and_then(|p| p.number_at("PolicyKey")),
            policy: policy.and_then(|p| p.at("Data")).map(document).unwrap_or_default(),
            wipe: tree.and_then(directive),
            replies: vec![reply],
        }
    }

    /// Whether both phases went through and a final key was given.
    pub fn is_current(&self) -> bool {
        self.replies.len() == 2 && self.wipe.is_none() && self.policy_status == Some(1) && self.key.is_some()
    }
}

/// The Settings:DeviceInformation element of these rows.
pub fn device_information(rows: &[(&'static str, String)]) -> Element {
    let set = rows.iter().map(|(name, value)| el(name).text(value));
    el("Settings:DeviceInformation").with(el("Settings:Set").with_all(set))
}

impl Device {
    /// Policy type of this phone's version.
    pub fn policy_type(&self) -> &'static str {
        if self.version >= Version::V12_0 { "MS-EAS-Provisioning-WBXML" } else { "MS-WAP-Provisioning-XML" }
    }

    /// The whole dance as a phone does it: asks for the policy, applies and acknowledges it, keeps the key;
    /// or obeys the wipe that is ordered instead.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn provision(&mut self) -> Result<Provisioned, Error> {
        let mut outcome = self.provision_first().await?;
        if let Some(kind) = outcome.wipe {
            let answer = self.acknowledge_wipe(kind, self.wipe_status).await?;
            outcome.http = answer.http;
            outcome.replies.push(answer);
            if self.wipe_status == 1 {
                self.obey(kind);
            }
            return Ok(outcome);
        }
        let (Some(temporary), Some(1)) = (outcome.key, outcome.policy_status) else { return Ok(outcome) };
        let second = self.provision_acknowledge(temporary, self.acknowledges).await?;
        outcome.http = second.http;
        outcome.status = second.status;
        outcome.policy_status = second.policy_status;
        outcome.key = second.key;
        outcome.wipe = second.wipe;
        outcome.replies.extend(second.replies);
        if outcome.is_current() {
            self.policy_key = outcome.key.unwrap_or(0);
            self.policy.clone_from(&outcome.policy);
        }
        Ok(outcome)
    }

    /// Phase one, strictly: asks for the policy with key 0.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn provision_first(&mut self) -> Result<Provisioned, Error> {
        let information = (self.version >= Version::V14_1 && self.tells_information)
            .then(|| device_information(&self.information));
        let policy = el("Provision:Policy").with(el("Provision:PolicyType").text(self.policy_type()));
        let root =
            el("Provision:Provision").with_some(information).with(el("Provision:Policies").with(policy));
        self.provision_exchange(&root, 0).await
    }

    /// Phase two, strictly: acknowledges the policy of a temporary key with a status.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn provision_acknowledge(&mut self, key: u32, status: u32) -> Result<Provisioned, Error> {
        let policy = el("Provision:Policy")
            .with(el("Provision:PolicyType").text(self.policy_type()))
            .with(el("Provision:PolicyKey").text(key))
            .with(el("Provision:Status").text(status));
        let root = el("Provision:Provision").with(el("Provision:Policies").with(policy));
        self.provision_exchange(&root, key).await
    }

    /// The empty Provision that asks only for a wipe directive.
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn provision_empty(&mut self) -> Result<Provisioned, Error> {
        self.provision_exchange(&el("Provision:Provision"), 0).await
    }

    /// Tells the server that a wipe was done (1) or failed (2).
    ///
    /// # Errors
    /// When there is no HTTP answer.
    pub async fn acknowledge_wipe(&mut self, kind: WipeKind, status: u32) -> Result<Reply, Error> {
        let root = el("Provision:Provision").with(kind.element().with(el("Provision:Status").text(status)));
        self.send(super::Call { policy_key: Some(0), ..super::Call::new("Provision", &root) }).await
    }

    async fn provision_exchange(&mut self, root: &Element, key: u32) -> Result<Provisioned, Error> {
        let call = super::Call { policy_key: Some(key), ..super::Call::new("Provision", root) };
        Ok(Provisioned::of(self.send(call).await?))
    }

    /// What a wipe does to a phone: nothing is left that it could ask with.
    fn obey(&mut self, kind: WipeKind) {
        self.forget();
        self.disconnect();
        self.wiped = Some(kind);
    }
}

/// The wipe that an answer orders.
fn directive(root: &Element) -> Option<WipeKind> {
    if root.at("AccountOnlyRemoteWipe").is_some() {
        Some(WipeKind::Account)
    } else if root.at("RemoteWipe").is_some() {
        Some(WipeKind::Device)
    } else {
        None
    }
}

/// The policy inside Data: the elements of EASProvisionDoc, or the parameters of a WAP document.
fn document(data: &Element) -> BTreeMap<String, String> {
    let Some(doc) = data.at("EASProvisionDoc") else {
        return data.value().map(wap_parameters).unwrap_or_default();
    };
    doc.elements()
        .map(|e| {
            let list: Vec<&str> = e.elements().filter_map(Element::value).collect();
            let value = e.value().map_or_else(|| list.join(","), str::to_owned);
            (name_of(e.tag), value)
        })
        .collect()
}

fn name_of(tag: Tag) -> String {
    tag.local().map_or_else(|| tag.to_string(), str::to_owned)
}

fn wap_parameters(xml: &str) -> BTreeMap<String, String> {
    let Ok(doc) = roxmltree::Document::parse(xml) else { return BTreeMap::new() };
    doc.descendants()
        .filter(|n| n.has_tag_name("parm"))
        .filter_map(|n| Some((n.attribute("name")?.to_owned(), n.attribute("value")?.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wbxml::decode;

    #[test]
    fn the_policy_of_z_push_is_read() {
        let bytes = std::fs::read("testdata/captured/zpush-policy-wipe/04-Provision-resp.bin").unwrap();
        let tree = decode(&bytes).unwrap();
        let policy = document(tree.at("Policies/Policy/Data").unwrap());
        assert_eq!(policy.get("DevicePasswordEnabled").map(String::as_str), Some("0"));
        assert_eq!(policy.get("AllowBluetooth").map(String::as_str), Some("2"));
        assert_eq!(directive(&tree), None);
    }

    #[test]
    fn wap_documents_are_read() {
        let xml = r#"<wap-provisioningdoc><characteristic type="SecurityPolicy"><parm name="4131" value="0"/></characteristic></wap-provisioningdoc>"#;
        assert_eq!(wap_parameters(xml).get("4131").map(String::as_str), Some("0"));
        assert!(wap_parameters("<oops").is_empty());
    }
}
