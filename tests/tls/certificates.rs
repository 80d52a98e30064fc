//! Valid and invalid certificates for 127.0.0.1, issued by authorities that the tests create.

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The identity of a server: a certificate, its chain, and its key.
pub struct Identity {
    pub chain: Vec<CertificateDer<'static>>,
    pub key: PrivateKeyDer<'static>,
}

/// A certificate authority.
pub struct Authority {
    certificate: Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self {
            certificate: params.self_signed(&key).unwrap(),
            issuer: Issuer::new(params, key),
        }
    }

    pub fn der(&self) -> &[u8] {
        self.certificate.der()
    }

    pub fn sign(&self, params: &CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        Identity::of(&certificate, &key)
    }

    /// Signs with the key of a server that has a certificate of this authority but may not sign.
    pub fn sign_by_a_server(&self, params: &CertificateParams) -> Identity {
        let mut server = of_host("127.0.0.2");
        server.is_ca = IsCa::ExplicitNoCa;
        server
            .distinguished_name
            .push(DnType::CommonName, "a server");
        let key = KeyPair::generate().unwrap();
        let of_server = server.signed_by(&key, &self.issuer).unwrap();
        let by_server = Self {
            certificate: of_server,
            issuer: Issuer::new(server, key),
        };
        let mut signed = by_server.sign(params);
        signed.chain.push(by_server.certificate.der().clone());
        signed
    }
}

impl Identity {
    pub fn self_signed(params: &CertificateParams) -> Self {
        let key = KeyPair::generate().unwrap();
        Self::of(&params.self_signed(&key).unwrap(), &key)
    }

    fn of(certificate: &Certificate, key: &KeyPair) -> Self {
        Self {
            chain: vec![certificate.der().clone()],
            key: PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        }
    }
}

/// Parameters of a certificate for a host that is currently valid.
pub fn of_host(host: &str) -> CertificateParams {
    CertificateParams::new([host.to_owned()]).unwrap()
}

pub fn valid() -> CertificateParams {
    of_host("127.0.0.1")
}

pub fn expired() -> CertificateParams {
    let mut params = valid();
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2020, 12, 31);
    params
}

pub fn not_yet_valid() -> CertificateParams {
    let mut params = valid();
    params.not_before = date_time_ymd(4000, 1, 1);
    params.not_after = date_time_ymd(4001, 1, 1);
    params
}
