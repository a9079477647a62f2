using System.Text.Json;
using Tieline.Core.Accounts;

namespace Tieline.Server.Attachments;

/// <summary>An upload that is not finished: a file that grows, and beside it what was said when it began. Both outlive a restart.</summary>
internal sealed class Upload(string folder, string id, AccountKey owner, long length, string name, DateTimeOffset created)
{
    private const string Suffix = ".json";

    private readonly SemaphoreSlim _turn = new(1);
    private CancellationTokenSource? _running;

    public string Id { get; } = id;
    public AccountKey Owner { get; } = owner;
    public long Length { get; } = length;
    public string Name { get; } = name;
    public DateTimeOffset Created { get; } = created;

    /// <summary>True when it became an attachment, or was given up: nothing may be added.</summary>
    public bool IsOver { get; set; }

    public string PartPath => Path.Combine(folder, Id + ".part");
    public string CleanPath => Path.Combine(folder, Id + ".clean");
    public string ThumbPath => Path.Combine(folder, Id + ".thumb");
    private string AboutPath => Path.Combine(folder, Id + Suffix);

    public long Offset => new FileInfo(PartPath) is { Exists: true } file ? file.Length : 0;

    /// <summary>
    /// Waits until nobody else works on the upload; whoever does is told to stop. A client that asks again has given its last request up,
    /// even where this server still waits for bytes on a line that is dead.
    /// </summary>
    public async Task<Turn> TakeAsync(CancellationToken cancel)
    {
        if (Volatile.Read(ref _running) is { } other) await StopAsync(other);
        await _turn.WaitAsync(cancel);
        var mine = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        Volatile.Write(ref _running, mine);
        return new Turn(this, mine);
    }

    /// <summary>Writes down what the upload is, and how much of it is on the disk for certain: a length alone says nothing after a loss of power, for there may be holes before it.</summary>
    public void Save(long synced)
    {
        var fresh = AboutPath + ".new";
        using (var file = new FileStream(fresh, FileMode.Create))
        {
            using (var json = new Utf8JsonWriter(file)) Write(json, synced);
            file.Flush(flushToDisk: true);
        }

        // Where the name is lost with the power the former one is back, which counts less.
        File.Move(fresh, AboutPath, overwrite: true);
    }

    private void Write(Utf8JsonWriter json, long synced)
    {
        json.WriteStartObject();
        json.WriteNumber("owner"u8, Owner.Value);
        json.WriteNumber("length"u8, Length);
        json.WriteString("name"u8, Name);
        json.WriteString("created"u8, Created);
        json.WriteNumber("synced"u8, synced);
        json.WriteEndObject();
    }

    /// <summary>What an earlier process left, as far as it is certain. What belongs to none of them is deleted.</summary>
    public static List<Upload> LoadAll(string folder)
    {
        var found = new List<Upload>();
        foreach (var path in Directory.GetFiles(folder, "*" + Suffix))
            if (Load(folder, path) is { } upload) found.Add(upload);
        var known = found.Select(upload => upload.Id).ToHashSet();
        foreach (var path in Directory.GetFiles(folder))
            if (path.EndsWith(Suffix + ".new", StringComparison.Ordinal) || !known.Contains(Path.GetFileNameWithoutExtension(path))) File.Delete(path);
        return found;
    }

    public void DeleteFiles()
    {
        foreach (var path in (string[])[PartPath, CleanPath, ThumbPath, AboutPath, AboutPath + ".new"]) File.Delete(path);
    }

    private static Upload? Load(string folder, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var json = document.RootElement;
            var upload = new Upload(folder, Path.GetFileNameWithoutExtension(path), new AccountKey(json.GetProperty("owner"u8).GetInt64()), json.GetProperty("length"u8).GetInt64(),
                json.GetProperty("name"u8).GetString()!, json.GetProperty("created"u8).GetDateTimeOffset());
            // Earlier versions did not write it down.
            if (json.TryGetProperty("synced"u8, out var synced)) upload.CutTo(synced.GetInt64());
            return upload;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Cut off by a crash while it was made: nobody was told of it.
            File.Delete(path);
            return null;
        }
    }

    private void CutTo(long length)
    {
        if (Offset <= length) return;
        using var part = new FileStream(PartPath, FileMode.Open, FileAccess.Write);
        part.SetLength(length);
    }

    private static async Task StopAsync(CancellationTokenSource other)
    {
        try
        {
            await other.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
    }

    /// <summary>The right to work on an upload, until disposed.</summary>
    internal sealed class Turn(Upload upload, CancellationTokenSource source) : IDisposable
    {
        public CancellationToken Cancel { get; } = source.Token;

        public void Dispose()
        {
            Volatile.Write(ref upload._running, null);
            source.Dispose();
            upload._turn.Release();
        }
    }
}
