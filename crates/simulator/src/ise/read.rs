//! Reading the answers: names are case-sensitive, booleans are `true` and `false` and nothing else.

use roxmltree::{Document, Node};

/// What mdminfo says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// Version of the API that was settled on.
    pub api_version: Option<u32>,
    /// Path of all other calls, starting with a slash.
    pub api_path: String,
    /// Where unregistered users are sent.
    pub redirect_url: String,
    /// Most devices in a page.
    pub query_max_size: Option<u32>,
    /// Whether sendmessage may be called.
    pub messaging_support: Option<bool>,
    /// Maker.
    pub vendor: String,
    /// Product.
    pub product_name: String,
    /// Version of the product.
    pub product_version: String,
}

/// One device of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// Name of the identifier element: `macaddress` or `guid`.
    pub identifier_kind: String,
    /// The identifier.
    pub identifier: String,
    /// Whether it is enrolled.
    pub registered: Option<bool>,
    /// Whether it is compliant.
    pub compliant: Option<bool>,
    /// Why not.
    pub failure_reason: String,
    /// What the user can do about it.
    pub remediation: String,
    /// All other attributes as they came, name and text.
    pub attributes: Vec<(String, String)>,
}

impl Device {
    /// An attribute besides the named ones.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// A page of devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Devices {
    /// Version of the answer.
    pub api_version: Option<u32>,
    /// Token of the next page; 0 when this is the last.
    pub paging_info: u64,
    /// The devices.
    pub devices: Vec<Device>,
}

/// What became of an action or a message, per device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The identifier.
    pub identifier: String,
    /// Whether it was accepted.
    pub accepted: Option<bool>,
    /// Why not.
    pub failure_reason: String,
}

fn root<'a>(doc: &'a Document<'a>, name: &str) -> Result<Node<'a, 'a>, String> {
    let root = doc.root_element();
    if root.tag_name().name() != "ise_api" {
        return Err(format!("the root is {:?}, not ise_api", root.tag_name().name()));
    }
    let got = text(root, "name");
    if got != name {
        return Err(format!("the name is {got:?}, not {name:?}"));
    }
    Ok(root)
}

fn child<'a>(node: Node<'a, 'a>, name: &str) -> Option<Node<'a, 'a>> {
    node.children().find(|c| c.has_tag_name(name))
}

fn text(node: Node<'_, '_>, name: &str) -> String {
    node.children().find(|c| c.has_tag_name(name)).and_then(|c| c.text()).unwrap_or_default().to_owned()
}

fn boolean(text: &str) -> Result<Option<bool>, String> {
    match text {
        "" => Ok(None),
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        other => Err(format!("{other:?} is not a boolean")),
    }
}

/// Reads an answer to mdminfo.
///
/// # Errors
/// If it is not XML, or not such an answer; in words.
pub fn read_info(xml: &str) -> Result<Info, String> {
    let doc = Document::parse(xml).map_err(|e| e.to_string())?;
    let root = root(&doc, "mdminfo")?;
    let api_path = text(root, "api_path");
    if !api_path.starts_with('/') || (api_path.len() > 1 && api_path.ends_with('/')) {
        return Err(format!("api_path {api_path:?} must begin with a slash and not end with one"));
    }
    Ok(Info {
        api_version: text(root, "api_version").parse().ok(),
        api_path,
        redirect_url: text(root, "redirect_url"),
        query_max_size: text(root, "query_max_size").parse().ok(),
        messaging_support: boolean(&text(root, "messaging_support"))?,
        vendor: text(root, "vendor"),
        product_name: text(root, "product_name"),
        product_version: text(root, "product_version"),
    })
}

/// Reads a list of devices.
///
/// # Errors
/// If it is not XML, or not such an answer; in words.
pub fn read_devices(xml: &str) -> Result<Devices, String> {
    let doc = Document::parse(xml).map_err(|e| e.to_string())?;
    let root = root(&doc, "attributes")?;
    let list = child(root, "deviceList").ok_or("no deviceList")?;
    let mut devices = Vec::new();
    for device in list.children().filter(|c| c.has_tag_name("device")) {
        devices.push(read_device(device)?);
    }
    Ok(Devices {
        api_version: text(root, "api_version").parse().ok(),
        paging_info: text(root, "paging_info").trim().parse().unwrap_or(0),
        devices,
    })
}

fn read_device(node: Node<'_, '_>) -> Result<Device, String> {
    let identifier = node
        .children()
        .find(|c| c.is_element() && !c.has_tag_name("attributes"))
        .ok_or("a device without identifier")?;
    let mut device = Device {
        identifier_kind: identifier.tag_name().name().to_owned(),
        identifier: identifier.text().unwrap_or_default().to_owned(),
        ..Device::default()
    };
    let Some(attributes) = node.children().find(|c| c.has_tag_name("attributes")) else {
        return Ok(device);
    };
    for attribute in attributes.children().filter(Node::is_element) {
        match attribute.tag_name().name() {
            "register_status" => {
                device.registered = boolean(attribute.text().unwrap_or_default())?;
            }
            "compliance" => {
                device.compliant = boolean(&text(attribute, "status"))?;
                device.failure_reason = text(attribute, "failure_reason");
                device.remediation = text(attribute, "remediation");
            }
            name => {
                device.attributes.push((name.to_owned(), attribute.text().unwrap_or_default().to_owned()));
            }
        }
    }
    Ok(device)
}

/// Reads an answer to an action (`action`) or a message (`sendmessage`).
///
/// # Errors
/// If it is not XML, or not such an answer; in words.
pub fn read_outcomes(xml: &str, name: &str) -> Result<Vec<Outcome>, String> {
    let doc = Document::parse(xml).map_err(|e| e.to_string())?;
    let root = root(&doc, name)?;
    let list = child(root, "deviceList").ok_or("no deviceList")?;
    let status = if name == "action" { "action_status" } else { "message_status" };
    let mut outcomes = Vec::new();
    for device in list.children().filter(|c| c.has_tag_name("device")) {
        let identifier = device.children().find(|c| c.is_element() && !c.has_tag_name("result"));
        let result = child(device, "result").ok_or("a device without result")?;
        outcomes.push(Outcome {
            identifier: identifier.and_then(|i| i.text()).unwrap_or_default().to_owned(),
            accepted: boolean(&text(result, status))?,
            failure_reason: text(result, "failure_reason"),
        });
    }
    Ok(outcomes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_answers_are_read() {
        let info = read_info(include_str!("../../testdata/ise/01-mdminfo-v3.response.xml")).unwrap();
        assert_eq!(info.api_version, Some(3));
        assert!(info.messaging_support.is_some());
        let page =
            read_devices(include_str!("../../testdata/ise/15-noncompliant-page1-of-2.response.xml")).unwrap();
        assert_ne!(page.paging_info, 0);
        assert!(!page.devices.is_empty());
        assert!(page.devices.iter().all(|d| d.compliant == Some(false)));
        let none =
            read_devices(include_str!("../../testdata/ise/14-devices-not-enrolled.response.xml")).unwrap();
        assert!(none.devices.is_empty());
        let done =
            read_outcomes(include_str!("../../testdata/ise/32-action-v3.response.xml"), "action").unwrap();
        assert_eq!(done[0].accepted, Some(true));
        let refused =
            read_outcomes(include_str!("../../testdata/ise/33-action-v2-refused.response.xml"), "action")
                .unwrap();
        assert_eq!(refused[0].accepted, Some(false));
        assert!(!refused[0].failure_reason.is_empty());
        let sent =
            read_outcomes(include_str!("../../testdata/ise/41-sendmessage-v2.response.xml"), "sendmessage");
        assert!(!sent.unwrap().is_empty());
    }

    #[test]
    fn sloppy_booleans_and_other_documents_are_refused() {
        let sloppy = include_str!("../../testdata/ise/32-action-v3.response.xml").replace("true", "True");
        assert!(read_outcomes(&sloppy, "action").is_err());
        assert!(read_info("<html/>").is_err());
        assert!(read_devices("not xml").is_err());
    }
}
