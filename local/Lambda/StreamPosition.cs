using System.Text.Json;

namespace Photos.Local.Lambda;

/// <summary>How far an event source mapping has read a stream. It is kept in a file, so that records are read after a restart.</summary>
internal sealed class StreamPosition
{
    private readonly string _file;
    private readonly Lock _gate = new();
    private readonly State _state;

    private StreamPosition(string file, State state) => (_file, _state) = (file, state);

    /// <summary>The mapping's UUID, which is part of the keys of discarded records.</summary>
    public Guid Mapping => _state.Mapping;

    /// <summary>Opens the file, or begins a new one if it does not exist or belongs to another stream.</summary>
    public static StreamPosition Open(string file, string streamArn)
    {
        State? state = File.Exists(file) ? JsonSerializer.Deserialize<State>(File.ReadAllBytes(file)) : null;
        return new StreamPosition(
            file,
            state?.Stream == streamArn ? state : new State(state?.Mapping ?? Guid.NewGuid(), streamArn, []));
    }

    /// <summary>The sequence number of the last record that was handled; null for a shard that has not been read.</summary>
    public string? LastOf(string shard)
    {
        lock (_gate)
        {
            return _state.Shards.GetValueOrDefault(shard)?.Last;
        }
    }

    /// <summary>Whether every record of the shard was handled, and it will get no more.</summary>
    public bool IsFinished(string shard)
    {
        lock (_gate)
        {
            return _state.Shards.GetValueOrDefault(shard) is { IsFinished: true };
        }
    }

    /// <summary>Records that everything up to a sequence number was handled.</summary>
    public void Advance(string shard, string sequenceNumber) => Save(shard, new Shard(sequenceNumber, IsFinished: false));

    /// <summary>Records that a shard will get no more records.</summary>
    public void Finish(string shard) => Save(shard, new Shard(LastOf(shard), IsFinished: true));

    private void Save(string name, Shard shard)
    {
        lock (_gate)
        {
            _state.Shards[name] = shard;
            Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
            string draft = _file + ".new";
            File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(_state));
            File.Move(draft, _file, overwrite: true);
        }
    }

    private sealed record State(Guid Mapping, string Stream, Dictionary<string, Shard> Shards);

    private sealed record Shard(string? Last, bool IsFinished);
}
