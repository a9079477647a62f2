using Npgsql;
using NpgsqlTypes;

namespace Tieline.Server.Postgres;

/// <summary>One statement with its parameters $1, $2, ... in the order in which they are added. Every text is a constant, so that a connection can keep it prepared.</summary>
internal sealed class PostgresStatement(string sql)
{
    private readonly List<NpgsqlParameter> _parameters = [];
    private bool _used;

    /// <summary>A command to execute once; a question that is asked again gets another.</summary>
    public NpgsqlBatchCommand Command()
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in _parameters) command.Parameters.Add(_used ? parameter.Clone() : parameter);
        _used = true;
        return command;
    }

    public PostgresStatement Add(long value) => Add(new NpgsqlParameter<long> { TypedValue = value });

    public PostgresStatement Add(long? value) => Add(new NpgsqlParameter { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Bigint });

    public PostgresStatement Add(string? value) => Add(new NpgsqlParameter { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });

    public PostgresStatement Add(IEnumerable<long> values) => Add(new NpgsqlParameter<long[]> { TypedValue = [.. values] });

    public PostgresStatement Add(IEnumerable<long?> values) => Add(new NpgsqlParameter<long?[]> { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });

    public PostgresStatement Add(IEnumerable<string?> values) => Add(new NpgsqlParameter<string?[]> { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });

    public PostgresStatement Add(IEnumerable<byte[]> values) => Add(new NpgsqlParameter<byte[][]> { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea });

    private PostgresStatement Add(NpgsqlParameter parameter)
    {
        _parameters.Add(parameter);
        return this;
    }
}

/// <summary>Columns by number, as the other store reads them.</summary>
internal static class PostgresColumns
{
    public static long Long(this NpgsqlDataReader row, int at) => row.IsDBNull(at) ? 0 : row.GetInt64(at);

    public static long? LongOrNull(this NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetInt64(at);

    public static string Text(this NpgsqlDataReader row, int at) => row.GetString(at);

    public static string? TextOrNull(this NpgsqlDataReader row, int at) => row.IsDBNull(at) ? null : row.GetString(at);

    public static byte[] Blob(this NpgsqlDataReader row, int at) => row.GetFieldValue<byte[]>(at);
}
