namespace Unroll.Tasks.Data.Music;

/// <summary>Repeats and endings played out (the standard, 4.8 to 4.10).</summary>
/// <param name="tokens">The music of one voice.</param>
/// <param name="doubt">Receives what is read with a doubt, and the place of its token.</param>
internal sealed class AbcUnfolding(IReadOnlyList<string> tokens, Action<string, int> doubt)
{
    /// <summary>The most tokens that a tune may play.</summary>
    public const int MaxPlayed = 1_000_000;

    private readonly List<int> _played = [];
    private int _start, _dots, _pass = 1;
    private bool _open, _double;                                     // a section has begun by |:, by a double bar
    private Group? _group;

    /// <summary>Endings that belong together: [1 … :|[2 … :|[3 … |].</summary>
    /// <param name="Members">The bars with which they begin.</param>
    /// <param name="Last">The highest pass that is named.</param>
    /// <param name="End">The bar with which the last one ends, or the number of tokens.</param>
    private sealed record Group(IReadOnlyList<(int At, IReadOnlyList<int> Passes)> Members, int Last, int End)
    {
        public int? For(int pass) => Members.Where(member => member.Passes.Contains(pass)).Select(member => (int?)member.At).FirstOrDefault();
    }

    /// <summary>Whether a repeat sign ends a section anywhere.</summary>
    public static bool Repeats(IEnumerable<string> tokens) => tokens.Any(token => AbcTune.KindOf(token) == AbcKind.Bar && AbcBar.Of(token).Ends > 0);

    /// <summary>The highest ending that is named; 0 for none.</summary>
    public static int Endings(IEnumerable<string> tokens) => tokens.Where(token => AbcTune.KindOf(token) == AbcKind.Bar)
        .SelectMany(token => AbcBar.Of(token).Endings).DefaultIfEmpty(0).Max();

    /// <summary>The places of the tokens in the order in which they are played; null: there are more than <see cref="MaxPlayed"/>.</summary>
    public IReadOnlyList<int>? Played()
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            if (_played.Count >= MaxPlayed) return null;
            _played.Add(i);
            if (AbcTune.KindOf(tokens[i]) == AbcKind.Bar) i = After(i, BarAt(i));
        }
        return _played;
    }

    /// <summary>The same for one pass alone, where the order of parts says how often a part is played and no sign repeats it.</summary>
    public IReadOnlyList<int> Played(int pass)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            _played.Add(i);
            if (BarAt(i) is not { Endings.Count: > 0 } bar) continue;
            _group ??= GroupFrom(i);
            if (!bar.Endings.Contains(pass)) i = (_group.For(pass) is { } at && at > i ? at : _group.End) - 1;
            if (i >= _group.End - 1) _group = null;
        }
        return _played;
    }

    private AbcBar BarAt(int i) =>
        i < tokens.Count && AbcTune.KindOf(tokens[i]) == AbcKind.Bar ? AbcBar.Of(tokens[i]) : new AbcBar(0, 0, Double: false, []);

    // The place before the token that is played next.
    private int After(int i, AbcBar bar)
    {
        if (bar.Ends > 0)
        {
            if (_dots > 0 && _dots != bar.Ends) doubt("a repeat begins and ends with different numbers of dots, and is played by the greater one", i);
            if (_pass < Math.Max(Math.Max(bar.Ends, _dots) + 1, _group?.Last ?? 0)) return Again(i);
            if (_group is { } group && group.End > i) return Over(group.End);
            Begin(i + 1, bar.Begins);
        }
        else if (bar.Begins > 0) Begin(i + 1, bar.Begins);
        else if (bar.Double && (_group is null ? !_open : _pass >= _group.Last && i >= _group.End))
        {
            Begin(i + 1, 0);
            _double = true;
        }
        return Entered(i, bar);
    }

    // Where a bar begins an ending: on, or to the ending of this pass.
    private int Entered(int i, AbcBar bar)
    {
        if (bar.Endings.Count == 0) return i;
        if (_group is null)
        {
            Group group = GroupFrom(i);
            if (group.For(1) is null)
            {
                doubt("an ending has no first one before it and is played in every pass", i);
                return i;
            }
            _group = group;
        }
        else if (i > _group.Members[0].At && !bar.Endings.Contains(_pass) && _pass < _group.Last)
        {
            doubt("an ending follows another without ':|' between them, and is read as if it stood there", i);
            return Again(i);
        }
        if (bar.Endings.Contains(_pass)) return i;
        for (; _group.For(_pass) is null && _pass < _group.Last; _pass++) doubt($"there is no ending {_pass}, and that pass is left out", i);
        if (_group.For(_pass) is not { } next) return Over(_group.End);
        _played.Add(next);
        return next;
    }

    // On behind the last ending.
    private int Over(int end)
    {
        Begin(end + 1, BarAt(end).Begins);
        if (end < tokens.Count) _played.Add(end);
        return Entered(end, BarAt(end));
    }

    private int Again(int i)
    {
        if (_double && _pass == 1) doubt("a repeat without '|:' goes back to the double bar before it", i);
        _pass++;
        return _start - 1;
    }

    private void Begin(int start, int dots) => (_start, _dots, _open, _double, _pass, _group) = (start, dots, dots > 0, false, 1, null);

    private Group GroupFrom(int first)
    {
        List<(int At, IReadOnlyList<int> Passes)> members = [(first, BarAt(first).Endings)];
        HashSet<int> named = [.. members[0].Passes];
        int end = tokens.Count;
        bool closed = false;
        for (int i = first + 1; i < tokens.Count; i++)
        {
            AbcKind kind = AbcTune.KindOf(tokens[i]);
            if (kind is AbcKind.Note or AbcKind.Chord && closed) break;
            if (kind != AbcKind.Bar) continue;
            AbcBar bar = BarAt(i);
            if (bar.Endings.Count > 0)
            {
                if (named.Overlaps(bar.Endings))
                {
                    if (!closed) end = i;
                    break;
                }
                members.Add((i, bar.Endings));
                named.UnionWith(bar.Endings);
                (closed, end) = (false, tokens.Count);
            }
            else if (!closed && (bar.Ends > 0 || bar.Begins > 0 || bar.Double && !RepeatFollows(i)))
            {
                (closed, end) = (true, i);
                if (bar.Begins > 0) break;
            }
        }
        return new Group(members, named.Max(), end);
    }

    // Whether the next sign of structure ends a repeat, so that a double bar before it does not end the ending.
    private bool RepeatFollows(int at)
    {
        for (int i = at + 1; i < tokens.Count; i++)
            if (AbcTune.KindOf(tokens[i]) == AbcKind.Bar && AbcBar.Of(tokens[i]) is { } bar
                && (bar.Ends > 0 || bar.Begins > 0 || bar.Double || bar.Endings.Count > 0)) return bar.Ends > 0;
        return false;
    }
}
