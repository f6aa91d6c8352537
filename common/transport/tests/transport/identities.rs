//! Identities: what is read as one, and what is refused.

use berth_transport::{Authority, Expected, IdentityError, PeerIdentity, Role, Subject};
use rcgen::{CertificateParams, KeyPair, SanType};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use uuid::Uuid;

const CLUSTER: &str = "6f1c1a52-8a53-4e4f-9d2e-0f6b1d9f0001";
const ID: &str = "6f1c1a52-8a53-4e4f-9d2e-0f6b1d9f0002";

fn some(role: Role) -> PeerIdentity {
    PeerIdentity { cluster: Uuid::new_v4(), role, id: Uuid::new_v4() }
}

/// A certificate nobody vouches for, with these URI names.
fn certificate_with(uris: &[&str]) -> CertificateDer<'static> {
    let mut params = CertificateParams::new(vec!["sled.example".to_owned()]).expect("parameters");
    for uri in uris {
        params.subject_alt_names.push(SanType::URI((*uri).try_into().expect("ASCII")));
    }
    let key = KeyPair::generate().expect("a key");
    params.self_signed(&key).expect("a certificate").der().clone()
}

#[test]
fn an_identity_reads_back_as_written() {
    for role in [Role::Nexus, Role::Sled] {
        let identity = some(role);
        assert_eq!(identity.uri().parse(), Ok(identity));
    }
    let text = format!("berth://{CLUSTER}/sled/{ID}");
    assert_eq!(text.parse::<PeerIdentity>().expect("an identity").uri(), text);
}

#[test]
fn texts_that_are_not_exactly_an_identity_are_refused() {
    let upper = CLUSTER.to_uppercase();
    let simple = CLUSTER.replace('-', "");
    for text in [
        String::new(),
        "berth://".to_owned(),
        format!("berth://{CLUSTER}"),
        format!("berth://{CLUSTER}/sled"),
        format!("berth://{CLUSTER}/sled/"),
        format!("berth://{CLUSTER}/sled/{ID}/"),
        format!("berth://{CLUSTER}/sled/{ID}/more"),
        format!("berth://{CLUSTER}/sled/{ID}?x"),
        format!("berth://{CLUSTER}//{ID}"),
        format!(" berth://{CLUSTER}/sled/{ID}"),
        format!("berth://{CLUSTER}/sled/{ID} "),
        format!("BERTH://{CLUSTER}/sled/{ID}"),
        format!("https://{CLUSTER}/sled/{ID}"),
        format!("berth://{upper}/sled/{ID}"),
        format!("berth://{simple}/sled/{ID}"),
        format!("berth://{{{CLUSTER}}}/sled/{ID}"),
        format!("berth://urn:uuid:{CLUSTER}/sled/{ID}"),
    ] {
        let refused = text.parse::<PeerIdentity>();
        assert!(matches!(refused, Err(IdentityError::Malformed | IdentityError::UnknownRole)), "{text:?}");
    }
    let unknown = format!("berth://{CLUSTER}/Sled/{ID}");
    assert_eq!(unknown.parse::<PeerIdentity>(), Err(IdentityError::UnknownRole));
}

#[test]
fn a_certificate_names_exactly_one_identity() {
    let one = format!("berth://{CLUSTER}/nexus/{ID}");
    let other = format!("berth://{CLUSTER}/sled/{ID}");
    let read = |uris: &[&str]| PeerIdentity::from_der(&certificate_with(uris));
    assert_eq!(read(&[&one]).map(|identity| identity.role), Ok(Role::Nexus));
    assert_eq!(read(&[]), Err(IdentityError::NoIdentity));
    assert_eq!(read(&[&one, &other]), Err(IdentityError::SeveralIdentities));
    assert_eq!(read(&[&one, &one]), Err(IdentityError::SeveralIdentities));
    assert_eq!(read(&[&one, "https://example.com"]), Err(IdentityError::SeveralIdentities));
    assert_eq!(read(&["https://example.com"]), Err(IdentityError::Malformed));
}

#[test]
fn a_damaged_certificate_is_refused_or_read_but_never_a_panic() {
    let identity = format!("berth://{CLUSTER}/sled/{ID}");
    let whole = certificate_with(&[&identity]);
    for length in 0..whole.len() {
        assert_eq!(PeerIdentity::from_der(&whole[..length]), Err(IdentityError::NotACertificate));
    }
    let mut longer = whole.to_vec();
    longer.push(0);
    assert_eq!(PeerIdentity::from_der(&longer), Err(IdentityError::NotACertificate));
    for position in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.to_vec();
            flipped[position] ^= 1 << bit;
            if let Ok(read) = PeerIdentity::from_der(&flipped) {
                assert_eq!(read.uri().parse(), Ok(read));
            }
        }
    }
}

#[test]
fn an_issued_certificate_carries_its_subject() {
    let cluster = Uuid::new_v4();
    let authority = Authority::create(cluster).expect("an authority");
    let subject = Subject::sled(Uuid::new_v4(), vec!["10.0.0.7".parse().expect("an address")]);
    let material = authority.issue(&subject).expect("a certificate");
    let der = CertificateDer::from_pem_slice(material.cert_pem().as_bytes()).expect("PEM");
    let expected = PeerIdentity { cluster, role: Role::Sled, id: subject.id };
    assert_eq!(PeerIdentity::from_der(&der), Ok(expected));
    assert_eq!(material.identity(), expected);
}

#[test]
fn an_expectation_names_the_first_thing_that_differs() {
    let found = some(Role::Sled);
    let right = Expected { cluster: Some(found.cluster), ..Expected::sled(found.id) };
    assert_eq!(right.check(&found), Ok(()));
    assert_eq!(Expected::sled(found.id).check(&found), Ok(()));
    let cluster = Uuid::new_v4();
    assert_eq!(
        Expected { cluster: Some(cluster), ..right }.check(&found),
        Err(IdentityError::WrongCluster { expected: cluster, found: found.cluster })
    );
    assert_eq!(
        Expected::nexus(found.id).check(&found),
        Err(IdentityError::WrongRole { expected: Role::Nexus, found: Role::Sled })
    );
    let id = Uuid::new_v4();
    assert_eq!(
        Expected::sled(id).check(&found),
        Err(IdentityError::WrongId { role: Role::Sled, expected: id, found: found.id })
    );
}
