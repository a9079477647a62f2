using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Tieline.Core.Attachments;
using Tieline.Protocol.Frames;
using Tieline.Server.Configuration;

namespace Tieline.Server.Attachments;

/// <summary>
/// Signed addresses of files. One names an attachment, the conversation it is shown in and when it runs out; it is handed only to members
/// of that conversation. All made within one period are equal, so that a message is encoded once for everybody.
/// </summary>
internal sealed class AttachmentLinks : IAttachmentLinks
{
    private const string KeyFile = "files-key";
    private const int KeyLength = 32;
    private const int SignatureLength = 16;

    private byte[] _key;
    private readonly TimeProvider _time;
    private readonly long _periodSeconds;

    public AttachmentLinks(TielineOptions options, TimeProvider time)
    {
        (_time, _periodSeconds) = (time, options.FileLinkMinutes * 60L);
        _key = options.Store == "sqlite" ? LoadKey(Path.Combine(options.Data, KeyFile)) : [];
    }

    public static byte[] NewKey() => RandomNumberGenerator.GetBytes(KeyLength);

    /// <summary>Takes the key that several nodes share, before any address is made.</summary>
    public void Share(byte[] key) => _key = key;

    public long Period => _time.GetUtcNow().ToUnixTimeSeconds() / _periodSeconds;

    /// <summary>When the addresses made now run out: after one period at the earliest, two at the latest.</summary>
    public long Expiry => (Period + 2) * _periodSeconds;

    public string Show(string conversation, string stored)
    {
        var expiry = Expiry;
        return Attachment.Shown(stored, (id, thumb) => AddressOf(id, thumb, conversation, expiry));
    }

    public string AddressOf(string id, bool thumb, string conversation, long expiry) => string.Create(CultureInfo.InvariantCulture,
        $"/api/chat/files/{id}{(thumb ? "/thumb" : "")}?c={Uri.EscapeDataString(conversation)}&e={expiry}&s={Sign(id, thumb, conversation, expiry)}");

    public bool IsSigned(string id, bool thumb, string conversation, long expiry, string signature) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(id, thumb, conversation, expiry)), Encoding.UTF8.GetBytes(signature));

    public bool IsExpired(long expiry) => _time.GetUtcNow().ToUnixTimeSeconds() >= expiry;

    private string Sign(string id, bool thumb, string conversation, long expiry)
    {
        if (_key.Length != KeyLength) throw new InvalidOperationException("There is no key for the addresses of files.");
        // No part can hold a line break, so that no two addresses share their text.
        var text = string.Create(CultureInfo.InvariantCulture, $"{(thumb ? "thumb" : "file")}\n{id}\n{conversation}\n{expiry}");
        return Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text)).AsSpan(0, SignatureLength));
    }

    private static byte[] LoadKey(string path)
    {
        try
        {
            if (!File.Exists(path))
            {
                SyncedFiles.CreateFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
                SyncedFiles.WriteSecret(path, NewKey());
            }

            var key = File.ReadAllBytes(path);
            return key.Length == KeyLength ? key : throw new ConfigurationException([$"data: {path} does not hold a key of {KeyLength} bytes. Remove it to have a new one made; addresses in use run out with it."]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException([$"data: {path}: {e.Message}"]);
        }
    }
}
