using Npgsql;

namespace Tieline.Server.Postgres;

/// <summary>The writer's transaction, on its own thread. Each round trip may carry several statements.</summary>
internal sealed class PostgresTransaction : IDisposable
{
    /// <summary>
    /// What holds in it, whatever the server's defaults: the commit is on disk (and on the standbys that the operator asks for) before it returns, a row that
    /// another node keeps locked is not waited for without end, and a node that stands still while it holds locks loses them.
    /// </summary>
    private const string Settings = """
        SELECT set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') = 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true),
            set_config('lock_timeout', '5s', true), set_config('idle_in_transaction_session_timeout', '10s', true),
            set_config('client_min_messages', 'warning', true)
        """;

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;
    private bool _begun;
    private string? _warning;

    public PostgresTransaction(NpgsqlConnection connection)
    {
        _connection = connection;
        _transaction = connection.BeginTransaction();
    }

    /// <summary>Reads the rows of each statement, in one round trip.</summary>
    public void Read(params IReadOnlyList<(PostgresStatement Statement, Action<NpgsqlDataReader> Row)> asked)
    {
        using var batch = new NpgsqlBatch(_connection, _transaction);
        Begin(batch);
        var skip = batch.BatchCommands.Count;
        foreach (var (statement, _) in asked) batch.BatchCommands.Add(statement.Command());
        using var reader = batch.ExecuteReader();
        for (; skip > 0; skip--) reader.NextResult();
        foreach (var (_, row) in asked)
        {
            while (reader.Read()) row(reader);
            reader.NextResult();
        }
    }

    public T? One<T>(PostgresStatement statement, Func<NpgsqlDataReader, T> read)
    {
        var found = default(T);
        Read((statement, row => found = read(row)));
        return found;
    }

    public List<T> All<T>(PostgresStatement statement, Func<NpgsqlDataReader, T> read)
    {
        var found = new List<T>();
        Read((statement, row => found.Add(read(row))));
        return found;
    }

    public void Write(IReadOnlyList<PostgresStatement> statements)
    {
        if (statements.Count == 0) return;
        using var batch = new NpgsqlBatch(_connection, _transaction);
        Begin(batch);
        foreach (var statement in statements) batch.BatchCommands.Add(statement.Command());
        batch.ExecuteNonQuery();
    }

    /// <exception cref="NpgsqlException">It is not committed, or nobody knows.</exception>
    public void Commit()
    {
        _connection.Notice += Hear;
        try
        {
            _transaction.Commit();
        }
        finally
        {
            _connection.Notice -= Hear;
        }

        // A wait for the standby that lasts too long is given up, and then the server answers that it has committed: here it has, and there nobody knows.
        if (_warning is not null) throw new NpgsqlException($"The commit may not be on the standby: {_warning}");
    }

    public void Dispose() => _transaction.Dispose();

    private void Hear(object sender, NpgsqlNoticeEventArgs told)
    {
        if (told.Notice.InvariantSeverity == "WARNING") _warning = told.Notice.MessageText;
    }

    private void Begin(NpgsqlBatch batch)
    {
        if (_begun) return;
        _begun = true;
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Settings));
    }
}
