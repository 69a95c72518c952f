//! Every form of address that any source shows, by curl; each answer is valid.

use std::fs;

use anyhow::{Context as _, Result, ensure};

use super::{Context, Site, mac, text, wire_testdata};

const MOUNTS: [&str; 5] =
    ["/ciscoise", "/ise/mdm/api", "/ciscoise/mdmapi/v1", "/ciscoise/mdmapi/v2", "/ciscoise/mdmapi/v3"];
/// Nobody's: these requests must not wipe a device of the demonstration.
const NOBODY: &str = "FFFFFFFFFFFE";

pub(super) fn run(context: &Context<'_>, site: &Site<'_>) -> Result<()> {
    let forms = fs::read_to_string(wire_testdata().join("samples/urls.txt"))?;
    let known = mac(site.known()?)?;
    let mut answered = 0;
    for line in forms.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let form = line.split(" #").next().unwrap_or(line).trim();
        let (method, path) = form.split_once(' ').with_context(|| format!("not a form: {line}"))?;
        for instance in [String::new(), format!("/{}", site.slug)] {
            for mount in MOUNTS {
                let target = path.trim().replace("{I}", &instance).replace("{P}", mount);
                let target = target.replace("3408BC507C78", known);
                let seen = site.curl(method, &target, Some(site.marked), &body(method, &target, known))?;
                ensure!(seen.status == 200, "{method} {target}: {} {}", seen.status, seen.body);
                site.validate(&seen).with_context(|| format!("{method} {target}"))?;
                if target.contains(known) {
                    ensure!(seen.body.contains(known), "{target} does not find the device: {}", seen.body);
                }
                answered += 1;
            }
        }
    }
    context.step(format!("{answered} addresses are answered, and xmllint finds every answer valid"));
    by_guid(context, site)
}

fn body(method: &str, target: &str, known: &str) -> String {
    match method {
        "GET" => String::new(),
        _ if target.contains("batchdevices") => format!("<ise_api><value>{known}</value></ise_api>"),
        _ => format!(
            "<ise_api><identifier><macaddress>{NOBODY}</macaddress></identifier><message>\
             <message_type>Alert</message_type><message_header>h</message_header><message_body>b</message_body>\
             </message></ise_api>"
        ),
    }
}

/// Version 3 exists for devices whose MAC is random: the GUID comes from the client certificate.
fn by_guid(context: &Context<'_>, site: &Site<'_>) -> Result<()> {
    let guid = text(site.known()?, "guid")?;
    for asked in [guid.to_owned(), guid.to_uppercase(), format!("urn:uuid:{guid}")] {
        let target =
            format!("/ciscoise/mdmapi/v3/devices/?paging=0&querycriteria=guid&value={asked}&filter=all");
        let seen = site.curl("GET", &target, Some(site.marked), "")?;
        ensure!(seen.body.contains(&format!("<device><guid>{asked}</guid>")), "{asked}: {}", seen.body);
        site.validate(&seen)?;
    }
    context.step("a GUID is found in every wrapping and repeated as it was asked");
    Ok(())
}
