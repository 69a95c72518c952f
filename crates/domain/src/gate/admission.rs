//! A device that is new to us, and a policy that was acknowledged: two smaller decisions of the gate.

use crate::model::OrganizationSettings;

use super::RefusalReason;

/// What is known when an unknown device of a known, authenticated user appears.
#[derive(Debug, Clone, Copy)]
pub struct AdmissionInput {
    /// The server (or the organization, for the stand-in) takes in devices by itself.
    pub hands_off: bool,
    /// New devices wait in quarantine although they are taken in by themselves.
    pub quarantine: bool,
    /// Devices that the user has, retired and wiped ones not counted.
    pub devices: u32,
}

/// What becomes of a new device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// It is enrolled at once.
    Enrol,
    /// It gets a record and waits for an administrator.
    Quarantine,
    /// It gets no record.
    Refuse(RefusalReason),
}

/// Decides on a new device. Without hands-off enrolment it waits in quarantine, so that the administrator sees it.
pub fn admit(input: &AdmissionInput, settings: &OrganizationSettings) -> Admission {
    let limit = settings.max_devices_per_user;
    if limit > 0 && input.devices >= limit {
        return Admission::Refuse(RefusalReason::TooManyDevices);
    }
    if input.quarantine || !input.hands_off { Admission::Quarantine } else { Admission::Enrol }
}

/// What becomes of an acknowledged policy (MS-ASPROV 2.2.2.54.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Acknowledgement {
    /// The device gets its final key.
    Accept,
    /// Applied in part, which is not accepted here: Provision status 139.
    NotFullyProvisionable,
    /// Not applied: Provision status 141; the refusal is remembered.
    Refused,
    /// Managed by a third party, which is not accepted here: Provision status 145.
    ExternallyManaged,
    /// Not a status of an acknowledgement: Provision status 2.
    Invalid,
}

/// Decides on the status that a device acknowledged its policy with.
pub fn acknowledge(status: u8, settings: &OrganizationSettings) -> Acknowledgement {
    match status {
        1 => Acknowledgement::Accept,
        2 if settings.allow_partial_policy => Acknowledgement::Accept,
        2 => Acknowledgement::NotFullyProvisionable,
        3 => Acknowledgement::Refused,
        4 if settings.allow_external_management => Acknowledgement::Accept,
        4 => Acknowledgement::ExternallyManaged,
        _ => Acknowledgement::Invalid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_devices_are_enrolled_quarantined_or_one_too_many() {
        let settings =
            |max| OrganizationSettings { max_devices_per_user: max, ..OrganizationSettings::default() };
        let input = |hands_off, quarantine| AdmissionInput { hands_off, quarantine, devices: 2 };
        assert_eq!(admit(&input(true, false), &settings(0)), Admission::Enrol);
        assert_eq!(admit(&input(true, false), &settings(3)), Admission::Enrol);
        assert_eq!(admit(&input(true, true), &settings(0)), Admission::Quarantine);
        assert_eq!(admit(&input(false, false), &settings(0)), Admission::Quarantine);
        let full = Admission::Refuse(RefusalReason::TooManyDevices);
        assert_eq!(admit(&input(true, false), &settings(2)), full);
    }

    #[test]
    fn acknowledgements_follow_the_organization() {
        use Acknowledgement as A;
        let settings = |partial, external| OrganizationSettings {
            allow_partial_policy: partial,
            allow_external_management: external,
            ..OrganizationSettings::default()
        };
        for (status, strict, lenient) in [
            (1, A::Accept, A::Accept),
            (2, A::NotFullyProvisionable, A::Accept),
            (3, A::Refused, A::Refused),
            (4, A::ExternallyManaged, A::Accept),
            (0, A::Invalid, A::Invalid),
            (5, A::Invalid, A::Invalid),
        ] {
            assert_eq!(acknowledge(status, &settings(false, false)), strict, "{status}");
            assert_eq!(acknowledge(status, &settings(true, true)), lenient, "{status}");
        }
    }
}
