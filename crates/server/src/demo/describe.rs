//! `demo.json`: what the demo made, for people and for scripts.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// The whole description.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Description {
    /// `https://127.0.0.1:8443`.
    pub base_url: String,
    /// Root certificate, beside this file.
    pub ca_pem: String,
    /// The installation's administrator.
    pub system_admin: Login,
    /// The organizations.
    pub organizations: Vec<DemoOrganization>,
}

/// A name with its password.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Login {
    pub username: String,
    pub password: String,
}

/// An organization.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoOrganization {
    pub slug: String,
    pub domain: String,
    pub admins: Vec<DemoAdmin>,
    pub users: Vec<DemoUser>,
    pub devices: Vec<DemoDevice>,
}

/// An administrator.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoAdmin {
    pub username: String,
    pub password: String,
    /// Role, empty for an account that only ISE uses.
    pub role: String,
    pub ise_admin: bool,
}

/// A user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoUser {
    pub username: String,
    pub password: String,
    pub email: String,
    /// `stand-in` or the name of the mail server.
    pub mail: String,
}

/// A device.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DemoDevice {
    pub id: String,
    pub guid: String,
    pub platform: String,
    pub user: String,
    pub eas_device_id: String,
    pub macs: Vec<String>,
    /// As Cisco ISE is told.
    pub compliant: bool,
    /// Which make the simulator plays.
    pub model: String,
    /// Whether a simulated phone plays it; the others were entered by hand.
    pub simulated: bool,
}

/// Tells a newcomer what to click.
pub fn tell(description: &Description, path: &Path) {
    let devices: usize = description.organizations.iter().map(|o| o.devices.len()).sum();
    println!("\nThe demo is running: {} organizations, {devices} devices.", description.organizations.len());
    println!(
        "  System administrator  {}  {}",
        description.system_admin.username, description.system_admin.password
    );
    for organization in &description.organizations {
        for admin in organization.admins.iter().filter(|a| !a.role.is_empty()) {
            println!("  {:<21} {}  {}   ({})", organization.slug, admin.username, admin.password, admin.role);
        }
    }
    println!(
        "  Sign in at {}/dashboard (its certificate is signed by the ca.pem beside {})",
        description.base_url,
        path.display()
    );
    println!("  Everything else: {}", path.display());
}
