using Unroll.Tasks.Shared;

namespace Unroll.Tasks.Music;

//  what the network sees before each note, all of it from the notes before:
//
//  the symbol before · the step before, by key · the key of the same voice there, and for how long it has sounded
//  by distance to that key: the step before, the one before it, the notes of this step so far, and how often each pitch class sounded of late
//  and so far · how many notes the step has by now, and the step before had · the step's place in bars of 16 steps

/// <summary>Spells a piece note by note, or takes it down as it is drawn: what the network sees next, and what may come.</summary>
internal sealed class NoteSpeller : ISessionPart
{
    private const int Keys = NoteCode.Keys, Reach = NoteCode.Reach, Near = NoteCode.Near, Classes = 12, Sizes = 8, Ages = 8, Bar = 16, Bars = 4;
    private readonly NoteCode _code;
    private readonly float _fading;
    private readonly int[] _age = new int[Keys], _voice;                 // steps that a key has sounded; the last key of each voice
    private readonly float[] _recent = new float[Classes], _all = new float[Classes];
    private List<int> _before = [], _last = [], _now = [];               // the steps' keys; of a voice that rests −1
    private int _symbol, _step;

    /// <summary>At the beginning of a piece.</summary>
    /// <param name="code">The spelling.</param>
    /// <param name="stepsPerQuarter">Steps of a quarter note.</param>
    public NoteSpeller(NoteCode code, int stepsPerQuarter)
    {
        (_code, _fading, _symbol) = (code, (float)Math.Pow(0.85, 1.0 / stepsPerQuarter), code.Symbols);
        _voice = new int[code.Voices];
        Array.Fill(_voice, -1);
    }

    /// <summary>Features of the network's input.</summary>
    public static int InputsOf(NoteCode code) => code.Symbols + 1 + 2 * Keys + 3 * Near + 2 * Classes + 2 * Sizes + Ages + Bar + Bars + 1;

    /// <summary>The names of the features, in order.</summary>
    public static IReadOnlyList<string> InputNames(NoteCode code)
    {
        string Distance(int d) => FormattableString.Invariant($"{d:+0;−0;±0}");
        IEnumerable<string> Around(string what) => Enumerable.Range(-Reach, Near).Select(d => $"{what} {Distance(d)}");
        string Key(int key) => MusicModel.Name(key + MusicModel.LowestKey);
        return
        [
            .. Enumerable.Range(0, code.Symbols).Select(symbol => $"before: {code.Name(symbol)}"), "before: begin",
            .. Enumerable.Range(0, Keys).Select(key => $"last step: {Key(key)}"),
            .. Enumerable.Range(0, Keys).Select(key => $"same voice: {Key(key)}"),
            .. Around("last step at"), .. Around("this step at"), .. Around("step before last at"),
            .. Enumerable.Range(0, Classes).Select(k => $"class +{k} of late"), .. Enumerable.Range(0, Classes).Select(k => $"class +{k} so far"),
            .. Enumerable.Range(0, Ages).Select(k => $"age {k}"), .. Enumerable.Range(0, Sizes).Select(k => $"note {k + 1} of the step"),
            .. Enumerable.Range(0, Sizes).Select(k => $"{k} notes in the last step"), .. Enumerable.Range(0, Bar).Select(k => $"step {k + 1} of 16"),
            .. Enumerable.Range(0, Bars).Select(k => $"bar {k + 1} of 4"), "step ÷ 64",
        ];
    }

    /// <summary>Steps that are complete.</summary>
    public int Steps => _step;

    /// <summary>Notes of the step under way: keys from 0, −1 for a voice that rests.</summary>
    public IReadOnlyList<int> Now => _now;

    /// <summary>The last complete step.</summary>
    public IReadOnlyList<int> Last => _last;

    /// <summary>Sets: keys below it alone can come; voices: the key that the mark for held means, −1: none.</summary>
    public int Limit => _code.Voices == 0 ? _now.Count > 0 ? _now[^1] : Keys : _now.Count < _last.Count ? _last[_now.Count] : -1;

    /// <summary>A symbol that is legal here for a key; voices: −1 is a rest.</summary>
    public int SymbolOf(int key) => key < 0 ? NoteCode.Rest : _code.Voices > 0 && key == Limit ? NoteCode.Held : key;

    private int SameVoice => _code.Voices > 0 ? _voice[_now.Count] : _last.Count > 0 ? _last[Math.Min(_now.Count, _last.Count - 1)] : -1;

    private int Above => _now.FindLast(static key => key >= 0) is var key && _now.Exists(static one => one >= 0) ? key : -1;

    /// <summary>The row of <see cref="NoteLoss"/> of the next note.</summary>
    /// <param name="place">[<see cref="NoteCode.Places"/>], overwritten.</param>
    public void Place(Span<float> place) => (place[0], place[1], place[2], place[3]) = (Limit, SameVoice, Above, _now.Count);

    /// <summary>What the network sees before the next note.</summary>
    /// <param name="x">[<see cref="InputsOf"/>], overwritten.</param>
    public void Fill(Span<float> x)
    {
        x.Clear();
        x[_symbol] = 1;
        x = x[(_code.Symbols + 1)..];
        foreach (int key in _last)
            if (key >= 0) x[key] = 1;
        int own = SameVoice;
        if (own >= 0)
        {
            x[Keys + own] = 1;
            Span<float> near = x[(2 * Keys)..];
            Around(own, _last, near);
            Around(own, _now, near[Near..]);
            Around(own, _before, near[(2 * Near)..]);
            near = near[(3 * Near)..];
            Classed(own, _recent, near);
            Classed(own, _all, near[Classes..]);
            near[2 * Classes + Math.Min(AgeOf(_age[own]), Ages - 1)] = 1;
        }
        x = x[(2 * Keys + 3 * Near + 2 * Classes + Ages)..];
        x[Math.Min(_now.Count, Sizes - 1)] = 1;
        x[Sizes + Math.Min(_last.Count, Sizes - 1)] = 1;
        x[2 * Sizes + _step % Bar] = 1;
        x[2 * Sizes + Bar + _step / Bar % Bars] = 1;
        x[2 * Sizes + Bar + Bars] = Math.Min(_step, 64) / 64f;
    }

    /// <summary>Takes the next symbol.</summary>
    /// <param name="symbol">A legal one.</param>
    /// <returns>Whether it completed the step.</returns>
    public bool Take(int symbol)
    {
        _symbol = symbol;
        if (_code.Voices == 0)
        {
            if (symbol == NoteCode.End) return Complete();
            _now.Add(symbol);
            return false;
        }
        int key = symbol switch { NoteCode.Held => Limit, NoteCode.Rest => -1, _ => symbol };
        if (key >= 0) _voice[_now.Count] = key;
        _now.Add(key);
        return _now.Count == _code.Voices && Complete();
    }

    /// <summary>Becomes what another speller of the same code is.</summary>
    public void CopyFrom(NoteSpeller other)
    {
        other._age.CopyTo(_age, 0);
        other._voice.CopyTo(_voice, 0);
        other._recent.CopyTo(_recent, 0);
        other._all.CopyTo(_all, 0);
        (_before, _last, _now, _symbol, _step) = ([.. other._before], [.. other._last], [.. other._now], other._symbol, other._step);
    }

    void ISessionPart.Save(BinaryWriter writer)
    {
        writer.Write(_symbol);
        writer.Write(_step);
        foreach (int value in (IEnumerable<int>)[.. _age, .. _voice]) writer.Write(value);
        foreach (float value in (IEnumerable<float>)[.. _recent, .. _all]) writer.Write(value);
        foreach (List<int> keys in (List<int>[])[_before, _last, _now])
        {
            writer.Write(keys.Count);
            foreach (int key in keys) writer.Write(key);
        }
    }

    void ISessionPart.Load(BinaryReader reader)
    {
        (_symbol, _step) = (Within(reader.ReadInt32(), 0, _code.Symbols), Within(reader.ReadInt32(), 0, int.MaxValue));
        foreach (int[] values in (int[][])[_age, _voice])
            for (int i = 0; i < values.Length; i++) values[i] = Within(reader.ReadInt32(), -1, values == _age ? int.MaxValue : Keys - 1);
        foreach (float[] values in (float[][])[_recent, _all])
            for (int i = 0; i < values.Length; i++) values[i] = reader.ReadSingle();
        foreach (List<int> keys in (List<int>[])[_before, _last, _now])
        {
            keys.Clear();
            int count = Within(reader.ReadInt32(), 0, Keys);
            for (int i = 0; i < count; i++) keys.Add(Within(reader.ReadInt32(), -1, Keys - 1));
        }
    }

    private static int Within(int value, int low, int high) => value >= low && value <= high ? value : throw new FormatException("not a piece");

    private bool Complete()
    {
        for (int i = 0; i < Classes; i++) _recent[i] *= _fading;
        Span<bool> sounds = stackalloc bool[Keys];
        sounds.Clear();
        foreach (int key in _now)
            if (key >= 0)
            {
                sounds[key] = true;
                _recent[key % Classes]++;
                _all[key % Classes]++;
            }
        for (int key = 0; key < Keys; key++) _age[key] = sounds[key] ? Math.Min(_age[key] + 1, short.MaxValue) : 0;
        (_before, _last, _now) = (_last, _now, _before);
        _now.Clear();
        _step++;
        return true;
    }

    private static void Around(int own, List<int> keys, Span<float> near)
    {
        foreach (int key in keys)
            if (key >= 0 && Math.Abs(key - own) <= Reach) near[key - own + Reach] = 1;
    }

    private static void Classed(int own, float[] classes, Span<float> near)
    {
        float sum = 0;
        foreach (float one in classes) sum += one;
        if (sum > 0)
            for (int i = 0; i < Classes; i++) near[i] = classes[(own + i) % Classes] / sum;
    }

    // 0, 1, 2, 3 … 4, 5 … 8, 9 … 16 and more steps
    private static int AgeOf(int steps) => steps <= 3 ? steps : 2 + int.Log2(steps - 1);
}
