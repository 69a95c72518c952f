//! The usual letters in English.

use super::LetterKind;

pub(super) fn usual(kind: LetterKind) -> (&'static str, &'static str) {
    match kind {
        LetterKind::Welcome => (
            "Set up your device for {organization.name}",
            "# Welcome, {user.first_name}

{organization.name} looks after the phones and tablets that you use for work. It takes a few minutes to set up yours.

1. Open this page **on the device** that you want to use.
2. Follow what it says. You can see there what your organization will be able to see and do, and what not.

[[Set up my device]]({enrolment.link})

Or point the camera of the device at this picture:

{enrolment.qr}

If you are asked for a code, enter **{enrolment.code}**. It can be used once, until {enrolment.expires}.

Your sign-in name is {user.login}.

---

Questions? {organization.contact}",
        ),
        LetterKind::EnrollmentReminder => (
            "Your device is not set up yet",
            "Hello {user.first_name},

we have not seen a device of yours at {organization.name} yet. This page leads you through it:

[[Set up my device]]({enrolment.link})

{enrolment.qr}

Your code is **{enrolment.code}**. It replaces former ones and can be used once, until {enrolment.expires}.

---

Questions? {organization.contact}",
        ),
        LetterKind::GroupMail => (
            "{message}",
            "{message}

---

{organization.name} · {organization.contact}",
        ),
        LetterKind::AdministratorMail => (
            "{message}",
            "{message}

---

You read this because you administer {organization.name} on [{server.name}]({server.link}).",
        ),
        LetterKind::PasswordChanged => (
            "Your password at {organization.name} was changed",
            "Hello {user.first_name},

the password of **{user.login}** was changed. Your devices ask for the new one.

**Was it not you?** Then tell your administrator at once: {organization.contact}",
        ),
    }
}
