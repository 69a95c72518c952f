//! Sign-in, set-up, errors.
use console::parts::{
    Button, ButtonKind, Control, ErrorPage, FieldView, Form, Html, Note, SetUp, SignIn, Step, Theme, Tone,
};

pub fn pages() -> Vec<(&'static str, String)> {
    let failed = Note::new(
        Tone::Bad,
        "That name and password do not fit together",
        "After 4 more tries this account rests for 15 minutes.",
    );
    let out = Note::new(
        Tone::Info,
        "",
        "You were signed out after 30 minutes without activity. You come back to where you were.",
    );
    vec![
        ("sign-in", sign_in(Some(out)).to_string()),
        ("sign-in-failed", SignIn { theme: Theme::Dark, ..sign_in(Some(failed)) }.to_string()),
        ("set-up", set_up()),
        ("error-404", not_found()),
        ("error-500", broken()),
    ]
}

fn sign_in(note: Option<Note>) -> SignIn {
    SignIn {
        title: "Sign in".into(),
        lead: "to the console of mdm.acme.test".into(),
        note,
        form: Form {
            id: "sign-in".into(),
            action: "/dashboard/sign-in".into(),
            hidden: vec![("csrf".into(), "9f3c1c".into())],
            fields: vec![
                FieldView::new("account", "Sign-in name", Control::Text(String::new(), "text")),
                FieldView::new("password", "Password", Control::Secret("current-password")),
            ],
            buttons: vec![Button::submit("Sign in")],
            ..Form::default()
        },
        footer: Html::text("NotifyMDM 0.1.0"),
        ..SignIn::default()
    }
}

fn set_up() -> String {
    let step = |label: &str, done, current| Step { label: label.into(), done, current };
    SetUp {
        title: "Connect the mail server".into(),
        lead: "Phones will talk to us; we pass their mail on to this server. You can change it later.".into(),
        steps: vec![step("Administrator", true, false), step("Organization", true, false), step("Mail server", false, true), step("Policy", false, false), step("First phone", false, false)],
        note: Some(Note::new(Tone::Warn, "The mail server can be reached around us", "From here, port 443 of mail.acme.test answers everyone. Let only our address through, or phones may skip the policy.")),
        form: Form {
            id: "server".into(),
            action: "/dashboard/set-up/server".into(),
            hidden: vec![("csrf".into(), "9f3c1c".into())],
            fields: vec![
                FieldView::new("url", "Address", Control::Text("https://mail.acme.test".into(), "url")).help("As in a browser; the path is added by us."),
                FieldView::new("hands-off", "Hands-off enrolment", Control::Switch(true)).help("A user whose mail password is right gets an account here by signing in."),
            ],
            buttons: vec![Button::submit("Test and go on"), Button::link("No mail server", "/dashboard/set-up/policy")],
            ..Form::default()
        },
        footer: Html::text("NotifyMDM 0.1.0"),
        ..SetUp::default()
    }
    .to_string()
}

fn not_found() -> String {
    ErrorPage {
        status: 404,
        title: "There is no such device here".into(),
        text: Html::text("It may have been removed, or it belongs to another organization."),
        actions: vec![
            Button::link("All devices", "/dashboard/devices").kind(ButtonKind::Primary),
            Button::link("Dashboard", "/dashboard"),
        ],
        ..ErrorPage::default()
    }
    .to_string()
}

fn broken() -> String {
    ErrorPage {
        status: 500,
        title: "Something of ours broke".into(),
        text: Html::text("What you asked for was not done, and nothing was changed. It was written down and will be looked at."),
        reference: "7F3K-2Q9D".into(),
        actions: vec![Button::link("Try again", "?").kind(ButtonKind::Primary), Button::link("Dashboard", "/dashboard")],
        ..ErrorPage::default()
    }
    .to_string()
}
