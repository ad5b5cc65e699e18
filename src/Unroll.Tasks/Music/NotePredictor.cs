using Unroll.Layers;
using Unroll.Numerics;
using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

/// <summary>
/// Several pieces side by side, note by note: after each note the probabilities of the next. With several members of a model these are the mean of
/// theirs.
/// </summary>
/// <remarks>Each piece gets the bits that it gets alone, and those of the whole piece at once.</remarks>
internal sealed class NotePredictor : ISessionPart
{
    private readonly NoteCode _code;
    private readonly NoteSpeller[] _pieces, _spare;
    private readonly MusicModel[] _members;
    private readonly State[] _states, _spareStates;
    private readonly float[] _x, _y, _place = new float[NoteCode.Places], _logs;
    private readonly NoteMixture _mixture;

    /// <summary>At the beginning of all pieces; <see cref="Advance"/> is called before the first note.</summary>
    /// <param name="model">A model of rolls that are spelt note by note.</param>
    /// <param name="pieces">How many.</param>
    public NotePredictor(MusicModel model, int pieces)
    {
        _code = model.Notes ?? throw new ArgumentException("expected a model that spells steps note by note", nameof(model));
        NoteSpeller New() => new(_code, model.Options.StepsPerQuarter);
        (_pieces, _spare) = ([.. Enumerable.Range(0, pieces).Select(_ => New())], [.. Enumerable.Range(0, pieces).Select(_ => New())]);
        _members = [.. model.Members];
        _states = Array.ConvertAll(_members, member => member.Network.NewState(pieces));
        _spareStates = Array.ConvertAll(_members, member => member.Network.NewState(pieces));
        (_x, _y) = (new float[pieces * model.Network.InputSize], new float[pieces * _code.Outputs]);
        _logs = new float[pieces * _code.Symbols];
        _mixture = new NoteMixture(_code, _members.Length);
    }

    /// <summary>A piece.</summary>
    public NoteSpeller this[int piece] => _pieces[piece];

    /// <summary>ln of the probability of each symbol to be the next one of a piece; −∞ for what cannot come.</summary>
    public ReadOnlySpan<float> Logs(int piece) => _logs.AsSpan(piece * _code.Symbols, _code.Symbols);

    /// <summary>Looks at the last note of all pieces, or of some.</summary>
    /// <param name="which">Those that took a note; empty: all.</param>
    public void Advance(ReadOnlySpan<bool> which = default)
    {
        int inputs = _x.Length / _pieces.Length;
        for (int i = 0; i < _pieces.Length; i++) _pieces[i].Fill(_x.AsSpan(i * inputs, inputs));
        for (int m = 0; m < _members.Length; m++)
        {
            if (which.Contains(false)) _spareStates[m].CopyFrom(_states[m]);
            _members[m].Network.Step(_x, _states[m], _y);
            for (int i = 0; i < _pieces.Length; i++)
            {
                if (!which.IsEmpty && !which[i])
                {
                    CopyRow(_spareStates[m], i, _states[m], i);
                    continue;
                }
                _pieces[i].Place(_place);
                _mixture.Add(m, _y.AsSpan(i * _code.Outputs, _code.Outputs), _place, _logs.AsSpan(i * _code.Symbols, _code.Symbols), i);
            }
        }
    }

    /// <summary>Piece i goes on as piece <paramref name="from"/>[i] was, whose probabilities it has.</summary>
    public void Select(ReadOnlySpan<int> from)
    {
        for (int i = 0; i < from.Length; i++) _spare[i].CopyFrom(_pieces[from[i]]);
        for (int i = 0; i < from.Length; i++) _pieces[i].CopyFrom(_spare[i]);
        for (int m = 0; m < _states.Length; m++)
        {
            _spareStates[m].CopyFrom(_states[m]);
            for (int i = 0; i < from.Length; i++) CopyRow(_spareStates[m], from[i], _states[m], i);
        }
        float[] logs = [.. _logs];
        for (int i = 0; i < from.Length; i++) logs.AsSpan(from[i] * _code.Symbols, _code.Symbols).CopyTo(_logs.AsSpan(i * _code.Symbols));
    }

    void ISessionPart.Save(BinaryWriter writer)
    {
        foreach (ISessionPart piece in _pieces) piece.Save(writer);
        foreach (Memory<float> values in Numbers())
            foreach (float value in values.Span) writer.Write(value);
    }

    void ISessionPart.Load(BinaryReader reader)
    {
        foreach (ISessionPart piece in _pieces) piece.Load(reader);
        foreach (Memory<float> values in Numbers())
            for (int i = 0; i < values.Length; i++) values.Span[i] = reader.ReadSingle();
    }

    private IEnumerable<Memory<float>> Numbers() => [_logs, .. _states.SelectMany(Leaves)];

    private static IEnumerable<Memory<float>> Leaves(State state) => [state.HMemory, state.CMemory, .. state.Children.SelectMany(Leaves)];

    private static void CopyRow(State from, int row, State to, int at)
    {
        from.H.Slice(row * from.HiddenSize, from.HiddenSize).CopyTo(to.H[(at * to.HiddenSize)..]);
        from.C.Slice(row * from.CellSize, from.CellSize).CopyTo(to.C[(at * to.CellSize)..]);
        for (int c = 0; c < to.Children.Count; c++) CopyRow(from.Children[c], row, to.Children[c], at);
    }
}

//  one member:   ln p = z − ln Σ exp z                several:   ln p = ln (1/M Σ p of each), in double, in the order of the members

/// <summary>From the outputs of a model's members to the logarithms of the next symbol's probabilities.</summary>
/// <param name="code">The spelling.</param>
/// <param name="members">How many.</param>
internal sealed class NoteMixture(NoteCode code, int members)
{
    private readonly float[] _scores = new float[code.Symbols];
    private readonly List<double[]> _sums = [];

    /// <summary>Adds a member's outputs; after the last one the logarithms are there.</summary>
    /// <param name="member">Its number: 0, 1 ….</param>
    /// <param name="outputs">[<see cref="NoteCode.Outputs"/>].</param>
    /// <param name="place">[<see cref="NoteCode.Places"/>].</param>
    /// <param name="logs">[<see cref="NoteCode.Symbols"/>], overwritten by the last member.</param>
    /// <param name="row">Which of several rows that are added up side by side.</param>
    public void Add(int member, ReadOnlySpan<float> outputs, ReadOnlySpan<float> place, Span<float> logs, int row = 0)
    {
        code.Scores(outputs, place, _scores);
        if (members == 1)
        {
            Softmax.LogRow(_scores, logs);
            return;
        }
        while (_sums.Count <= row) _sums.Add(new double[code.Symbols]);
        double[] sums = _sums[row];
        if (member == 0) Array.Clear(sums);
        Softmax.Row(_scores, _scores);
        for (int k = 0; k < sums.Length; k++) sums[k] += _scores[k];
        if (member < members - 1) return;
        for (int k = 0; k < sums.Length; k++) logs[k] = sums[k] > 0 ? (float)Logarithm.Ln(sums[k] / members) : float.NegativeInfinity;
    }
}
