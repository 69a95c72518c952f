//! The form in which a server wants a user's name.

use domain::model::LoginForm;

pub(super) fn name(form: LoginForm, domain: &str, presented: &str, username: &str) -> String {
    match form {
        LoginForm::AsSent => presented.to_owned(),
        LoginForm::User => username.to_owned(),
        LoginForm::UserAtDomain => format!("{username}@{domain}"),
        LoginForm::DomainUser => format!("{domain}\\{username}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_take_the_form_of_the_server() {
        let form = |form| name(form, "CORP", "jo@example.com", "jo");
        assert_eq!(form(LoginForm::AsSent), "jo@example.com");
        assert_eq!(form(LoginForm::User), "jo");
        assert_eq!(form(LoginForm::UserAtDomain), "jo@CORP");
        assert_eq!(form(LoginForm::DomainUser), "CORP\\jo");
    }
}
