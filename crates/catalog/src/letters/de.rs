//! The usual letters in German.

use super::LetterKind;

pub(super) fn usual(kind: LetterKind) -> (&'static str, &'static str) {
    match kind {
        LetterKind::Welcome => (
            "Richten Sie Ihr Gerät für {organization.name} ein",
            "# Willkommen, {user.first_name}

{organization.name} kümmert sich um die Telefone und Tablets, die Sie für die Arbeit benutzen. Ihres ist in wenigen Minuten eingerichtet.

1. Öffnen Sie diese Seite **auf dem Gerät**, das Sie benutzen wollen.
2. Folgen Sie den Anweisungen. Dort steht auch, was Ihre Organisation sehen und tun kann und was nicht.

[[Mein Gerät einrichten]]({enrolment.link})

Oder richten Sie die Kamera des Geräts auf dieses Bild:

{enrolment.qr}

Wenn nach einem Code gefragt wird, geben Sie **{enrolment.code}** ein. Er gilt einmal, bis {enrolment.expires}.

Ihr Anmeldename ist {user.login}.

---

Fragen? {organization.contact}",
        ),
        LetterKind::EnrollmentReminder => (
            "Ihr Gerät ist noch nicht eingerichtet",
            "Guten Tag {user.first_name},

wir haben bei {organization.name} noch kein Gerät von Ihnen gesehen. Diese Seite führt Sie hindurch:

[[Mein Gerät einrichten]]({enrolment.link})

{enrolment.qr}

Ihr Code ist **{enrolment.code}**. Er ersetzt frühere und gilt einmal, bis {enrolment.expires}.

---

Fragen? {organization.contact}",
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

Sie erhalten dies, weil Sie {organization.name} auf [{server.name}]({server.link}) verwalten.",
        ),
        LetterKind::PasswordChanged => (
            "Ihr Passwort bei {organization.name} wurde geändert",
            "Guten Tag {user.first_name},

das Passwort von **{user.login}** wurde geändert. Ihre Geräte fragen nach dem neuen.

**Waren Sie das nicht?** Dann melden Sie sich sofort bei Ihrem Administrator: {organization.contact}",
        ),
    }
}
