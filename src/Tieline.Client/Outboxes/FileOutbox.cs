using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Tieline.Client.Outboxes;

/// <summary>
/// Keeps unsent messages in one file per account: a line of JSON for each change, flushed to disk. It is emptied when nothing
/// is left in it; a line that a crash cut off is skipped.
/// </summary>
/// <param name="folder">The folder; made when it is missing, readable by its owner only.</param>
public sealed class FileOutbox(string folder) : IOutbox
{
    private const int EmptyAboveBytes = 64 * 1024;

    private readonly Dictionary<string, OutboxItem> _items = [];
    private readonly List<string> _order = [];
    private FileStream? _file;

    /// <inheritdoc/>
    /// <exception cref="IOException">Another process or client has this account's outbox open.</exception>
    public async ValueTask<IReadOnlyList<OutboxItem>> LoadAsync(string account, CancellationToken cancel)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(account)))[..32] + ".outbox";
        // FileShare.None is the lock: two owners would send the same messages in two orders.
        _file = new FileStream(Path.Combine(folder, name), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        using (var reader = new StreamReader(_file, Encoding.UTF8, leaveOpen: true))
        {
            while (await reader.ReadLineAsync(cancel) is { } line) Replay(line);
        }

        if (_order.Count == 0) Empty();
        else await AppendAsync("\n"u8.ToArray(), cancel); // a cut-off line must not swallow the next one
        return [.. _order.Select(id => _items[id])];
    }

    /// <inheritdoc/>
    public ValueTask PutAsync(OutboxItem item, CancellationToken cancel)
    {
        Keep(item);
        return AppendAsync(Encode(item), cancel);
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(string clientId, CancellationToken cancel)
    {
        if (!_items.Remove(clientId)) return default;
        _order.Remove(clientId);
        if (_order.Count > 0 || !(_file?.Length > EmptyAboveBytes)) return AppendAsync(EncodeRemoval(clientId), cancel);
        Empty();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask ClearAsync(CancellationToken cancel)
    {
        _items.Clear();
        _order.Clear();
        Empty();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _file?.DisposeAsync() ?? default;

    private void Keep(OutboxItem item)
    {
        if (!_items.ContainsKey(item.ClientId)) _order.Add(item.ClientId);
        _items[item.ClientId] = item;
    }

    private void Replay(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var json = document.RootElement;
            if (json.TryGetProperty("removed", out var removed))
            {
                if (_items.Remove(removed.GetString()!)) _order.Remove(removed.GetString()!);
                return;
            }

            Keep(new OutboxItem(json.GetProperty("client_id").GetString()!, json.GetProperty("to").GetString()!, json.GetProperty("message").GetString()!,
                json.GetProperty("created_at").GetDateTimeOffset())
            {
                Card = Text(json, "card"),
                Attachments = Text(json, "attachments"),
                ReplyTo = Text(json, "reply_to"),
                Error = Text(json, "error") is { } code ? new MessageError(code, Text(json, "error_text") ?? code) : null,
            });
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            // The end of a line that a crash cut off: its Put was never confirmed.
        }
    }

    private static string? Text(JsonElement json, string field) => json.TryGetProperty(field, out var value) ? value.GetString() : null;

    private static byte[] Encode(OutboxItem item) => Line(json =>
    {
        json.WriteString("client_id"u8, item.ClientId);
        json.WriteString("to"u8, item.To);
        json.WriteString("message"u8, item.Text);
        json.WriteString("created_at"u8, item.CreatedAt);
        if (item.Card is not null) json.WriteString("card"u8, item.Card);
        if (item.Attachments is not null) json.WriteString("attachments"u8, item.Attachments);
        if (item.ReplyTo is not null) json.WriteString("reply_to"u8, item.ReplyTo);
        if (item.Error is null) return;
        json.WriteString("error"u8, item.Error.Code);
        json.WriteString("error_text"u8, item.Error.Text);
    });

    private static byte[] EncodeRemoval(string clientId) => Line(json => json.WriteString("removed"u8, clientId));

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private async ValueTask AppendAsync(byte[] line, CancellationToken cancel)
    {
        if (_file is null) return;
        _file.Seek(0, SeekOrigin.End);
        await _file.WriteAsync(line, cancel);
        _file.Flush(flushToDisk: true);
    }

    /// <summary>Only an empty outbox is cut: there is no moment at which a crash could lose an item.</summary>
    private void Empty()
    {
        if (_file is null) return;
        _file.SetLength(0);
        _file.Flush(flushToDisk: true);
    }
}
