using Microsoft.IdentityModel.Tokens;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace Tieline.Server.Accounts;

/// <summary>A public key for EdDSA tokens (RFC 8037), which the framework's cryptography does not have.</summary>
internal sealed class Ed25519Key : SecurityKey
{
    public const string Algorithm = "EdDSA";
    public const int Length = 32;
    private readonly byte[] _publicKey;

    public Ed25519Key(byte[] publicKey, string? id)
    {
        _publicKey = publicKey;
        KeyId = id;
        CryptoProviderFactory = new CryptoProviderFactory { CustomCryptoProvider = new Provider(), CacheSignatureProviders = false };
    }

    public override int KeySize => 256;

    private bool Verify(byte[] input, byte[] signature) =>
        signature.Length == Ed25519.SignatureSize && Ed25519.Verify(signature, 0, _publicKey, 0, input, 0, input.Length);

    private sealed class Provider : ICryptoProvider
    {
        public bool IsSupportedAlgorithm(string algorithm, params object[] args) => algorithm == Algorithm;

        public object Create(string algorithm, params object[] args) => new Verifier((Ed25519Key)args[0]);

        public void Release(object cryptoInstance)
        {
        }
    }

    private sealed class Verifier(Ed25519Key key) : SignatureProvider(key, Ed25519Key.Algorithm)
    {
        public override byte[] Sign(byte[] input) => throw new NotSupportedException("Only public keys are held.");

        public override bool Verify(byte[] input, byte[] signature) => key.Verify(input, signature);

        public override bool Verify(byte[] input, int inputOffset, int inputLength, byte[] signature, int signatureOffset, int signatureLength) =>
            key.Verify(input.AsSpan(inputOffset, inputLength).ToArray(), signature.AsSpan(signatureOffset, signatureLength).ToArray());

        protected override void Dispose(bool disposing)
        {
        }
    }
}
