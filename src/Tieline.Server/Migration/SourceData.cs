using Tieline.Server.Sqlite;

namespace Tieline.Server.Migration;

/// <summary>The SQLite file that is moved, read and never written.</summary>
internal sealed class SourceData : IDisposable
{
    private readonly SqliteConnection _connection;

    public SourceData(string folder)
    {
        _connection = SqliteConnection.Open(Path.Combine(folder, SqliteStore.FileName), create: false, TimeSpan.FromSeconds(10));
        _connection.Execute("PRAGMA query_only = ON; PRAGMA cache_size = -65536");
    }

    public SqliteConnection Connection => _connection;

    /// <summary>Rows as they are, their columns by type: i, t or b.</summary>
    public IEnumerable<object?[]> Read(string types, string sql)
    {
#pragma warning disable CA1857 // Each is asked a few times in the life of the process.
        var row = _connection.Prepare(sql);
#pragma warning restore CA1857
        while (row.Step())
        {
            var values = new object?[types.Length];
            for (var at = 0; at < values.Length; at++)
                values[at] = row.IsNull(at) ? null : types[at] switch { 'i' => row.Long(at), 'b' => row.Blob(at), _ => row.Text(at) };
            yield return values;
        }
    }

    public void Dispose() => _connection.Dispose();
}
