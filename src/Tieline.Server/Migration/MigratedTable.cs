using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Tieline.Server.Postgres;

namespace Tieline.Server.Migration;

/// <summary>One table of the target: its columns, and its rows as they come out of the source, always in the same order.</summary>
/// <param name="columns">Each with its type behind a colon: i a number, t a text, b bytes, v the terms of a search.</param>
internal sealed class MigratedTable(string name, string columns, Func<SourceData, IEnumerable<object?[]>> rows)
{
    private readonly (string Name, char Type)[] _columns = [.. columns.Split(' ').Select(column => (column[..^2], column[^1]))];

    public string Name => name;

    public IEnumerable<object?[]> Rows(SourceData source) => rows(source);

    public PostgresStatement Insert(IReadOnlyList<object?[]> chunk)
    {
        var names = string.Join(", ", _columns.Select(column => column.Name));
        var values = string.Join(", ", _columns.Select(column => column.Type == 'v' ? $"x.{column.Name}::tsvector" : $"x.{column.Name}"));
        var arrays = string.Join(", ", Enumerable.Range(1, _columns.Length).Select(number => string.Create(CultureInfo.InvariantCulture, $"${number}")));
        var statement = new PostgresStatement($"INSERT INTO {name}({names}) SELECT {values} FROM unnest({arrays}) x({names})");
        for (var at = 0; at < _columns.Length; at++)
        {
            var column = at;
            _ = _columns[at].Type switch
            {
                'i' => statement.Add(chunk.Select(row => (long?)row[column])),
                'b' => statement.Add(chunk.Select(row => (byte[])row[column]!)),
                _ => statement.Add(chunk.Select(row => (string?)row[column])),
            };
        }

        return statement;
    }

    /// <summary>All of the target, in no order.</summary>
    public PostgresStatement SelectAll() => new($"SELECT {string.Join(", ", _columns.Select(column => column.Type == 'v' ? "''" : column.Name))} FROM {name}");

    public object?[] Read(NpgsqlDataReader row)
    {
        var values = new object?[_columns.Length];
        for (var at = 0; at < values.Length; at++)
            values[at] = row.IsDBNull(at) ? null : _columns[at].Type switch { 'i' => row.GetInt64(at), 'b' => row.Blob(at), _ => row.GetString(at) };
        return values;
    }

    /// <summary>The same for a row of either side. Terms are made and not copied; what they are made of is compared.</summary>
    public ulong Checksum(object?[] row)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> head = stackalloc byte[9];
        for (var at = 0; at < row.Length; at++)
        {
            var value = _columns[at].Type == 'v' ? null : row[at];
            var bytes = value switch { null => [], byte[] blob => blob, string text => Encoding.UTF8.GetBytes(text), _ => [] };
            head[0] = (byte)(value is null ? 0 : 1);
            // Its length, so that no two rows share their bytes; a number instead of bytes.
            BinaryPrimitives.WriteInt64LittleEndian(head[1..], value is long number ? number : bytes.Length);
            hash.AppendData(head);
            hash.AppendData(bytes);
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(hash.GetHashAndReset());
    }
}

/// <summary>How many rows, and the sum of their checksums: the order of the rows does not matter to it.</summary>
internal readonly record struct TableSum(long Rows, ulong Checksum)
{
    public TableSum Add(ulong checksum) => new(Rows + 1, unchecked(Checksum + checksum));
}
