namespace Unroll.Tasks.Music;

//  a set      pitches from the highest, then End:       72 67 60 48 End      of a set there is one such list, and of a list one set
//  voices     one symbol for each voice, in the order of the file: a key that begins, Held (the key of the step before goes on), Rest
//
//  score of key k = a[k] + r[k − the same voice's key before] + s[k − the note above],      of a mark = a[mark];      −∞ for what cannot come
//  sets: only keys below the note above; voices: not the key that Held means. So each step has one spelling, and all steps together have the sum 1

/// <summary>How a step of a roll is spelt, note by note, and what the network's outputs say of the next note.</summary>
/// <param name="voices">Voices that are kept apart; 0: a step is a set of keys.</param>
internal sealed class NoteCode(int voices)
{
    /// <summary>Keys; the marks have the numbers from there.</summary>
    public const int Keys = MusicModel.Keys, End = Keys, Rest = Keys, Held = Keys + 1;

    /// <summary>How many semitones an output that goes by the distance to another note reaches up and down, and how many those are.</summary>
    public const int Reach = 24, Near = 2 * Reach + 1;

    /// <summary>Numbers of a row of <see cref="NoteLoss"/>: the limit, the key of the same voice before, the note above (−1: none), the note's
    /// number in its step.</summary>
    public const int Places = 4;

    /// <summary>Voices that are kept apart; 0: a step is a set.</summary>
    public int Voices => voices;

    /// <summary>What a note can be: keys and marks.</summary>
    public int Symbols => Keys + (voices == 0 ? 1 : 2);

    /// <summary>Outputs of the network: the symbols, then the distances to two notes.</summary>
    public int Outputs => Symbols + 2 * Near;

    /// <summary>The symbol as people read it.</summary>
    public string Name(int symbol) => symbol switch
    {
        < Keys => MusicModel.Name(symbol + MusicModel.LowestKey),
        End when voices == 0 => "end of the step",
        Rest => "rest",
        _ => "held",
    };

    /// <summary>The names of <see cref="Outputs"/>.</summary>
    public IReadOnlyList<string> OutputNames() =>
    [
        .. Enumerable.Range(0, Symbols).Select(Name),
        .. Enumerable.Range(-Reach, Near).Select(d => FormattableString.Invariant($"{d:+0;−0;±0} from its voice")),
        .. Enumerable.Range(-Reach, Near).Select(d => FormattableString.Invariant($"{d:+0;−0;±0} from the note above")),
    ];

    /// <summary>Whether a symbol can come.</summary>
    /// <param name="symbol">Its number.</param>
    /// <param name="limit">Sets: keys below it alone; voices: the key that <see cref="Held"/> means, −1: none.</param>
    public bool Legal(int symbol, int limit) => voices == 0
        ? symbol == End || symbol < limit
        : symbol == Held ? limit >= 0 : symbol == Rest || symbol != limit;

    /// <summary>The scores of the next symbol, −∞ for what cannot come.</summary>
    /// <param name="outputs">[<see cref="Outputs"/>], the network's.</param>
    /// <param name="place">[<see cref="Places"/>].</param>
    /// <param name="scores">[<see cref="Symbols"/>], overwritten.</param>
    public void Scores(ReadOnlySpan<float> outputs, ReadOnlySpan<float> place, Span<float> scores)
    {
        int limit = (int)place[0];
        for (int k = 0; k < scores.Length; k++) scores[k] = Legal(k, limit) ? outputs[k] : float.NegativeInfinity;
        for (int which = 0; which < 2; which++)
        {
            if (!Window((int)place[1 + which], out int from, out int to)) continue;
            ReadOnlySpan<float> near = outputs.Slice(Symbols + which * Near, Near);
            int shift = Reach - (int)place[1 + which];
            for (int k = from; k < to; k++) scores[k] += near[k + shift];
        }
    }

    //  ∂L/∂a[k] = ∂L/∂score[k],      ∂L/∂r[d] = ∂L/∂score[key before + d],      ∂L/∂s[d] = ∂L/∂score[note above + d]
    /// <summary>From the gradient of the scores to that of the outputs; of what cannot come it is 0.</summary>
    /// <param name="dScores">[<see cref="Symbols"/>].</param>
    /// <param name="place">[<see cref="Places"/>].</param>
    /// <param name="dOutputs">[<see cref="Outputs"/>], overwritten.</param>
    public void Backward(ReadOnlySpan<float> dScores, ReadOnlySpan<float> place, Span<float> dOutputs)
    {
        dOutputs[Symbols..].Clear();
        dScores.CopyTo(dOutputs);
        for (int which = 0; which < 2; which++)
        {
            if (!Window((int)place[1 + which], out int from, out int to)) continue;
            Span<float> near = dOutputs.Slice(Symbols + which * Near, Near);
            dScores[from..to].CopyTo(near[(from + Reach - (int)place[1 + which])..]);
        }
    }

    // The keys that are in reach of a key; false: there is no key.
    private static bool Window(int key, out int from, out int to)
    {
        (from, to) = (Math.Max(0, key - Reach), Math.Min(Keys, key + Reach + 1));
        return key >= 0;
    }
}
