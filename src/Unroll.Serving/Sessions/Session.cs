using System.Text;
using System.Text.Json;
using Unroll.Core;
using Unroll.Inspection;
using Unroll.Layers;
using Unroll.Serving.Models;
using Unroll.Serving.Stores;
using Unroll.Tasks.Shared;

namespace Unroll.Serving.Sessions;

/// <summary>
/// A session of a model: the task's own session, its position, its last answer, the snapshots that it keeps. A plain class for one owner, who calls
/// one method at a time: a loop that steps many at once, or an actor of a cluster.
/// </summary>
/// <remarks>
/// A request is admitted (<see cref="Admit"/>), taken step by step, and committed or taken back as a whole. What is stored of a session is a row with
/// a version, which its owner compares before it writes.
/// </remarks>
public sealed class Session
{
    private readonly IRoundSession _rounds;
    private readonly BinaryWriter _writer;                   // into _bytes
    private readonly ByteBuffer _bytes = new(), _undo = new(), _state = new();
    private readonly BinaryWriter _undoWriter, _stateWriter;
    private readonly SessionStateWriter _save;
    private readonly List<KeptState> _kept = [];
    private ByteBuffer _answer = new(), _next = new();       // of the last request, and of the one that is being taken
    private long _before, _keptFrom = long.MaxValue;         // from which position on what is kept is not what is stored
    private bool _undoable, _first;                          // whether the row to come is not a step's but a beginning

    /// <summary>Begins a session.</summary>
    /// <param name="id">Its name, with its owner's: unique in the store.</param>
    /// <param name="model">Its model.</param>
    /// <param name="options">How it begins.</param>
    /// <exception cref="UserErrorException">The model has no sessions, or an option is out of its range or not one of its task.</exception>
    public Session(SessionId id, ServedModel model, SessionConfiguration options)
    {
        options.Check();
        (Id, Model, Options) = (id, model, options);
        ITaskSession own = model.Model.NewSession(options.Settings) ?? throw new ServingException(Refusal.Conflict,
            $"the model '{model.Name}' has no sessions: it needs whole sequences; ask it for predictions.");
        _rounds = own as IRoundSession ?? new WholeSteps(own);
        Unsaved = _first = options.Durability.Every > 0;
        (_writer, _undoWriter) = (new BinaryWriter(_bytes, Encoding.UTF8), new BinaryWriter(_undo, Encoding.UTF8));
        (_stateWriter, _save) = (new BinaryWriter(_state, Encoding.UTF8), _rounds.State.Save);
    }

    /// <summary>Its owner and name.</summary>
    public SessionId Id { get; }

    /// <summary>Its model, until it ends.</summary>
    public ServedModel Model { get; }

    /// <summary>How it began.</summary>
    public SessionConfiguration Options { get; }

    /// <summary>Steps taken.</summary>
    public long Position { get; private set; }

    /// <summary>Up to which step the session would survive the end of the process; 0: it would begin anew, or be gone.</summary>
    public long Durable { get; private set; }

    /// <summary>The version of its row in the store; 0: it has none.</summary>
    public long Version { get; private set; }

    /// <summary>Whether something has changed that a row should say and does not, because a write has failed or is still to come.</summary>
    public bool Unsaved { get; private set; }

    /// <summary>Whether it goes on from a snapshot that somebody sent: it is sealed against mistakes alone.</summary>
    internal bool IsForeign { get; private set; }

    /// <summary>The positions that it can go back to, ascending.</summary>
    public IReadOnlyList<long> Kept => [.. _kept.Select(one => one.Position)];

    /// <summary>The last request and its answer.</summary>
    public LastAnswer Last { get; private set; } = LastAnswer.None;

    /// <summary>How many numbers the answer to a step of numbers has; 0: steps are JSON alone.</summary>
    public int AnswerSize => _rounds.AnswerSize;

    /// <summary>How long the answer is so far that is being written.</summary>
    internal int AnswerBytes => _next.Written.Length;

    /// <summary>The state that the networks carry on; null: steps have no rounds.</summary>
    internal State? Network => _rounds.Network;

    /// <summary>Whether a request is to be taken (true), or repeats the last one, whose answer is there (false).</summary>
    /// <param name="at">The position that it is for.</param>
    /// <param name="input">A hash of its steps.</param>
    /// <exception cref="ServingException">It is for another position, or has other steps than the last one had.</exception>
    public bool Admit(long at, ulong input)
    {
        if (at == Position) return true;
        if (at != Last.At)
            throw new ServingException(Refusal.Conflict, $"at: the session stands at {Position}, got {at}; go on from there.")
            {
                Position = Position,
            };
        return input == Last.Input ? false : throw new ServingException(Refusal.Conflict,
            $"at: the step at {at} was taken with other input than this; go on from {Position}, or rewind.") { Position = Position };
    }

    /// <summary>Throws where the last answer, which is to be given again, is not in the form that is asked for.</summary>
    /// <param name="numbers">Whether numbers are asked for.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="ServingException">It is not.</exception>
    internal void RequireAnswer(bool numbers, int count)
    {
        if (numbers == Last.Numbers && (!numbers || Last.Answer.Length == count * sizeof(float))) return;
        throw new ServingException(Refusal.Conflict,
            $"at: the answer to the step at {Last.At} was given in another form than this asks for; go on from {Position}.") { Position = Position };
    }

    /// <summary>Begins a request: from now on it can be taken back.</summary>
    /// <param name="undoable">False: its first step is its last, and what is wrong with it is said before it begins.</param>
    internal void Open(bool undoable)
    {
        (_before, _undoable) = (Position, undoable);
        _next.Clear();
        if (!undoable) return;
        _undo.Clear();
        _save(_undoWriter);
        _undoWriter.Flush();
    }

    /// <summary>Takes up a step.</summary>
    /// <exception cref="UserErrorException">It is none of this model.</exception>
    internal void Begin(JsonElement step) => _rounds.Begin(step);

    /// <inheritdoc cref="Begin(JsonElement)"/>
    internal void Begin(ReadOnlySpan<float> step) => _rounds.Begin(step);

    /// <inheritdoc cref="IRoundSession.Next"/>
    internal bool Next(Span<float> x) => _rounds.Next(x);

    /// <inheritdoc cref="IRoundSession.Take"/>
    internal void Take(int member, ReadOnlySpan<float> y) => _rounds.Take(member, y);

    /// <summary>The step is over: its answer is written after those before it.</summary>
    /// <param name="json">Writes JSON; null: the answer is numbers.</param>
    /// <param name="numbers">Of <see cref="AnswerSize"/>, where they are; overwritten.</param>
    internal void Stepped(Utf8JsonWriter? json, Span<float> numbers)
    {
        if (json is null)
        {
            _rounds.Answer(numbers);
            _next.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers));
        }
        else
        {
            _next.Write(Position == _before ? "["u8 : ","u8);
            json.Reset((System.Buffers.IBufferWriter<byte>)_next);
            json.WriteStartObject();
            _rounds.Answer().WriteJson(json);
            json.WriteEndObject();
            json.Flush();
        }
        Position++;
        if (Options.KeepEvery == 0 || Position % Options.KeepEvery != 0) return;
        _kept.Add(new KeptState(Position, State()));
        _keptFrom = Math.Min(_keptFrom, Position);
    }

    /// <summary>The answer to the step that is over, of a copy that is looked at and never asked again.</summary>
    internal byte[] LookedAnswer() => Encoding.UTF8.GetBytes(_rounds.Answer().ToJson());

    /// <summary>The sequence that the last answer came from; null: a state is carried on.</summary>
    internal InspectionSubject? LookedSubject() => (_rounds as IWholeSession)?.Subject();

    /// <summary>All steps of the request were taken.</summary>
    internal void Commit(ulong input, bool numbers)
    {
        if (!numbers) _next.Write("]"u8);
        (_answer, _next) = (_next, _answer);
        Last = new LastAnswer(_before, input, numbers, _answer.Memory);
        if (_kept.Count > Options.KeepLast) _kept.RemoveRange(0, _kept.Count - Options.KeepLast);
        Unsaved = Options.Durability.Every > 0;
    }

    /// <summary>Takes the request back: the session is as it was before it, to the bit.</summary>
    internal void Rollback()
    {
        if (_undoable) _rounds.State.Restore(_undo.Copy());
        Position = _before;
        _kept.RemoveAll(one => one.Position > Position);
    }

    /// <summary>Whether its row must be written before the owner answers.</summary>
    internal bool MustSave => Unsaved && (_first || Position - Durable >= Options.Durability.Every);

    /// <summary>A snapshot: version, hash of the weights, position, the task's state, the last answer.</summary>
    public byte[] Snapshot()
    {
        WriteSnapshot();
        return _bytes.Copy();
    }

    /// <summary>Goes on from a snapshot of this session or another one of the same weights.</summary>
    /// <param name="snapshot">What <see cref="Snapshot"/> returned.</param>
    /// <exception cref="UserErrorException">It is none, damaged, or of other weights; the session stays as it was.</exception>
    public void Restore(byte[] snapshot)
    {
        SessionSnapshot read = SessionSnapshot.Read(snapshot);
        if (read.Weights != Model.Weights)
            throw new ServingException(Refusal.Conflict,
                "the snapshot is of a model with other weights; restore it with the model that it was taken from.");
        _rounds.State.Restore(read.State);
        IsForeign = true;
        GoTo(read.Position, read.Last);
    }

    /// <summary>Goes back to a position for which a snapshot is kept; there is no last answer then.</summary>
    /// <exception cref="ServingException">None is kept for it; names those that are.</exception>
    public void Rewind(long position)
    {
        int at = _kept.FindIndex(one => one.Position == position);
        if (at < 0)
            throw new ServingException(Refusal.Conflict, $"rewind: there is no snapshot of position {position}; expected one of "
                + $"{(_kept.Count == 0 ? "none, because none was kept (keep_every)" : string.Join(", ", Kept))}.")
            {
                Position = Position, Kept = Kept,
            };
        _rounds.State.Restore(_kept[at].State);
        GoTo(position, LastAnswer.None);
    }

    /// <summary>An independent session that goes on from here, with the same options and snapshots.</summary>
    /// <param name="id">Its name.</param>
    public Session Fork(SessionId id)
    {
        Session fork = new(id, Model, Options);
        fork.Restore(Snapshot());
        fork.IsForeign = IsForeign;
        fork._kept.AddRange(_kept);
        if (_kept.Count > 0) fork._keptFrom = 0;
        return fork;
    }

    /// <summary>What the store is to write of it now.</summary>
    /// <param name="row">Overwritten.</param>
    internal void FillRow(SessionRow row)
    {
        WriteSnapshot();
        row.Snapshot.Set(_bytes.Written);
        (row.Id, row.Model, row.Weights, row.Options) = (Id, Model.Name, Model.Weights, Options);
        (row.Position, row.Expected, row.KeptFrom, row.Deletes) = (Position, Version, _keptFrom, false);
        row.Kept.Clear();
        row.Kept.AddRange(_kept);
    }

    /// <summary>The row is on the disk.</summary>
    internal void Saved(long version, long position)
    {
        (Version, Durable) = (version, position);
        _keptFrom = long.MaxValue;
        Unsaved = _first = false;
    }

    /// <summary>A session as the store has it.</summary>
    internal static Session Open(StoredSession stored, ServedModel model)
    {
        Session session = new(stored.Id, model, stored.Options);
        session.Restore(stored.Snapshot);
        session._kept.AddRange(stored.Kept);
        session.Saved(stored.Version, session.Position);
        session.IsForeign = false;
        return session;
    }

    private byte[] State()
    {
        _state.Clear();
        _save(_stateWriter);
        _stateWriter.Flush();
        return _state.Copy();
    }

    private void WriteSnapshot() => SessionSnapshot.Write(_bytes, _writer, Model.Weights, Position, Last, _save);

    private void GoTo(long position, LastAnswer last)
    {
        _answer.Set(last.Answer.Span);
        (Position, Last) = (position, last with { Answer = _answer.Memory });
        Unsaved = _first = Options.Durability.Every > 0;
        if (_kept.RemoveAll(one => one.Position > position) > 0) _keptFrom = Math.Min(_keptFrom, position + 1);
    }
}

/// <summary>A kept snapshot of a session: the task's state at a position.</summary>
/// <param name="Position">Steps taken.</param>
/// <param name="State">The task's state.</param>
public readonly record struct KeptState(long Position, byte[] State);

/// <summary>The name of a session: no owner sees another's.</summary>
/// <param name="Owner">Whose it is; empty where there are no owners.</param>
/// <param name="Name">What the owner calls it.</param>
public readonly record struct SessionId(string Owner, string Name);
