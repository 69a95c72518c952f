//! Kinds of directories (LDAP servers) and what each calls things, as a start for an administrator.

/// The product behind an LDAP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectoryKind {
    /// Microsoft Active Directory.
    ActiveDirectory,
    /// OpenLDAP, 389 Directory Server and others with `inetOrgPerson` and `entryUUID`.
    OpenLdap,
    /// NetIQ (Novell) eDirectory.
    EDirectory,
}

/// What a kind of directory calls things.
#[derive(Debug)]
pub struct DirectoryPreset {
    /// Of which kind.
    pub kind: DirectoryKind,
    /// Name shown.
    pub title: &'static str,
    /// Finds people, and nothing else (RFC 4515).
    pub user_filter: &'static str,
    /// Finds groups.
    pub group_filter: &'static str,
    /// Attribute of the sign-in name.
    pub login: &'static str,
    /// Of the mail address.
    pub email: &'static str,
    /// Of the name shown.
    pub display_name: &'static str,
    /// Of the first name.
    pub first_name: &'static str,
    /// Of the last name.
    pub last_name: &'static str,
    /// Of the phone number.
    pub phone: &'static str,
    /// Of the id that stays when a person is renamed or moved.
    pub unique_id: &'static str,
    /// Of a group, who is in it.
    pub member: &'static str,
    /// When a person is disabled: `name` and `&bits`, `=value` or `=*`.
    pub disabled: &'static str,
}

/// All kinds.
pub static DIRECTORIES: [DirectoryPreset; 3] = [
    DirectoryPreset {
        kind: DirectoryKind::ActiveDirectory,
        title: "Active Directory",
        user_filter: "(&(objectCategory=person)(objectClass=user)(sAMAccountName=*))",
        group_filter: "(objectClass=group)",
        login: "sAMAccountName",
        email: "mail",
        display_name: "displayName",
        first_name: "givenName",
        last_name: "sn",
        phone: "telephoneNumber",
        unique_id: "objectGUID",
        member: "member",
        // ADS_UF_ACCOUNTDISABLE, MS-ADTS 2.2.16.
        disabled: "userAccountControl&2",
    },
    DirectoryPreset {
        kind: DirectoryKind::OpenLdap,
        title: "OpenLDAP",
        user_filter: "(&(objectClass=inetOrgPerson)(uid=*))",
        group_filter: "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))",
        login: "uid",
        email: "mail",
        display_name: "displayName",
        first_name: "givenName",
        last_name: "sn",
        phone: "telephoneNumber",
        unique_id: "entryUUID",
        member: "member",
        // Locked until an administrator unlocks it (draft-behera-ldap-password-policy-10, 5.3.3).
        disabled: "pwdAccountLockedTime=000001010000Z",
    },
    DirectoryPreset {
        kind: DirectoryKind::EDirectory,
        title: "eDirectory",
        user_filter: "(&(objectClass=inetOrgPerson)(cn=*))",
        group_filter: "(objectClass=groupOfNames)",
        login: "cn",
        email: "mail",
        display_name: "fullName",
        first_name: "givenName",
        last_name: "sn",
        phone: "telephoneNumber",
        unique_id: "GUID",
        member: "member",
        disabled: "loginDisabled=TRUE",
    },
];

impl DirectoryKind {
    /// What it calls things.
    pub fn preset(self) -> &'static DirectoryPreset {
        &DIRECTORIES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_preset() {
        for preset in &DIRECTORIES {
            assert_eq!(preset.kind.preset().title, preset.title);
        }
    }
}
