//! The words of the page. Plain HTML without scripts: the little browser of a captive network shows it too.

use catalog::Platform;
use domain::model::Organization;

/// How to add the mail account, for the visitor's platform.
pub(super) fn page(organization: &Organization, platform: Platform, server: &str) -> String {
    let name = escape(&organization.name);
    let steps = steps(platform).join("</li><li>");
    let server = if server.is_empty() { String::new() } else { entry("Server", server) };
    let address = match organization.mail_domains.first() {
        Some(domain) => format!("you@{domain}"),
        None => "your company address".to_owned(),
    };
    let contact = organization.settings.contact.trim();
    let contact = if contact.is_empty() {
        "<p class=\"contact\">Something does not work? Ask your IT department.</p>".to_owned()
    } else {
        format!("<p class=\"contact\">Something does not work?\n{}</p>", escape(contact))
    };
    document(
        &format!("Set up your device for {name}"),
        &format!(
            "<h1>Set up your device for {name}</h1>\
             <p class=\"lead\">This network is open to devices that {name} knows. Add your company mail account, \
             then connect to the network again.</p>\
             <h2>{label}</h2><ol><li>{steps}</li></ol>\
             <h2>What to enter</h2><dl>{address}{server}<dt>Password</dt><dd>the one of your mail</dd></dl>\
             <p>When your device asks whether the company may set rules for it, accept: that is what makes it \
             known.</p>{contact}",
            label = heading(platform),
            address = entry("E-mail", &address),
        ),
    )
}

/// For an address that names no organization.
pub(super) fn unknown() -> String {
    document(
        "Nothing here",
        "<h1>There is nothing at this address</h1>\
         <p class=\"lead\">The link may be incomplete. Ask your IT department for the right one.</p>",
    )
}

fn document(title: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><link rel=\"stylesheet\" href=\"{style}\"></head>\
         <body><main>{main}</main></body></html>\n",
        style = super::STYLE,
    )
}

fn entry(term: &str, value: &str) -> String {
    format!("<dt>{term}</dt><dd>{}</dd>", escape(value))
}

fn heading(platform: Platform) -> &'static str {
    match platform {
        Platform::Ios => "On your iPhone or iPad",
        Platform::Android => "On your Android device",
        Platform::Windows => "On your Windows computer",
        Platform::WindowsPhone => "On your Windows Phone",
        Platform::Blackberry => "On your BlackBerry",
        Platform::Macos => "On your Mac",
        Platform::Other => "On your device",
    }
}

fn steps(platform: Platform) -> &'static [&'static str] {
    match platform {
        Platform::Ios => &[
            "Open <b>Settings</b>, then <b>Apps</b> and <b>Mail</b> (on older systems <b>Mail</b> at once).",
            "Choose <b>Accounts</b>, <b>Add Account</b>, <b>Microsoft Exchange</b>.",
            "Enter your address, choose <b>Configure Manually</b>, and fill in what is listed below.",
            "Accept the rules and choose a pass-code if you are asked for one.",
        ],
        Platform::Android => &[
            "Open <b>Gmail</b> (or your mail app), then its settings and <b>Add account</b>.",
            "Choose <b>Exchange and Office 365</b>, and enter your address.",
            "Choose manual set-up if it is offered, and fill in what is listed below.",
            "Allow the administrator and the security rules when you are asked.",
        ],
        Platform::Windows => &[
            "Open your mail program and add an account.",
            "Choose <b>Exchange ActiveSync</b> or <b>Advanced set-up</b>.",
            "Fill in what is listed below and accept the rules.",
        ],
        Platform::WindowsPhone => &[
            "Open <b>Settings</b>, then <b>e-mail + accounts</b>.",
            "Choose <b>add an account</b>, then <b>advanced set-up</b> and <b>Exchange ActiveSync</b>.",
            "Fill in what is listed below and accept the rules.",
        ],
        Platform::Blackberry => &[
            "Open <b>Settings</b>, then <b>Accounts</b> and <b>Add Account</b>.",
            "Choose <b>Microsoft Exchange ActiveSync</b> under <b>Advanced</b>.",
            "Fill in what is listed below and accept the rules.",
        ],
        Platform::Macos => &[
            "Open <b>System Settings</b>, then <b>Internet Accounts</b> and <b>Add Account</b>.",
            "Choose <b>Microsoft Exchange</b>, and fill in what is listed below.",
            "A Mac may not take the company's rules. If it stays unknown, ask for help.",
        ],
        Platform::Other => &[
            "Open your mail app and add an account.",
            "Choose <b>Microsoft Exchange</b> or <b>Exchange ActiveSync</b>.",
            "Fill in what is listed below and accept the rules.",
        ],
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
