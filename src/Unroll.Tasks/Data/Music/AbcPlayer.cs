using Unroll.Core;

namespace Unroll.Tasks.Data.Music;

/// <summary>From the tokens of a tune to notes in time: voices together, repeats, endings and the order of parts played out.</summary>
public static class AbcPlayer
{
    private const string First = "1";
    private const int MaxVoices = 100;

    /// <summary>The notes of a tune.</summary>
    /// <exception cref="UserErrorException">It would play more than a million signs or notes.</exception>
    public static Score ToScore(AbcTune tune) => ToScore(tune, new AbcRemarks());

    /// <summary>The notes of a tune, and what is left out of them.</summary>
    internal static Score ToScore(AbcTune tune, AbcRemarks remarks)
    {
        List<Section> sections = SectionsOf(tune);
        IReadOnlyList<char>? order = AbcOrder.Of(tune.Order);
        if (order is null)
            throw new UserErrorException(FormattableString.Invariant(
                $"{tune.Source}, line {tune.Line}: the order of parts P: plays more than {AbcOrder.MaxParts:N0} parts; shorten it."));
        HashSet<(string, int)> said = [];                                       // a repeat says it again
        void Doubt(string what, int token)
        {
            if (said.Add((what, token))) remarks.Doubt(what, tune.Source, token < 0 ? tune.Line : tune.LineOf(token));
        }
        Dictionary<string, AbcVoice> voices = [];
        long played = 0;
        double begin = 0;
        foreach ((Section section, int pass) in Ordered(tune, sections, order, Doubt))
        {
            List<double> ends = [];
            foreach ((string name, List<int> places) in section.Voices)
            {
                if (!voices.TryGetValue(name, out AbcVoice? voice)) voices[name] = voice = new AbcVoice(tune, Doubt);
                voice.MoveTo(begin);
                string[] tokens = [.. places.Select(place => tune.Tokens[place])];
                AbcUnfolding unfolding = new(tokens, (what, at) => Doubt(what, places[at]));
                IReadOnlyList<int>? signs = pass > 0 ? unfolding.Played(pass) : unfolding.Played();
                foreach (int at in signs ?? [])
                {
                    int before = voice.Notes.Count;
                    voice.Play(places[at]);
                    played += 1 + voice.Notes.Count - before;
                    if (played > 2 * AbcUnfolding.MaxPlayed) throw TooLong(tune);
                }
                if (signs is null) throw TooLong(tune);
                if (places.Any(place => AbcTune.Sounds(tune.Tokens[place]))) ends.Add(voice.End());
            }
            if (ends.Count > 1 && ends.Max() - ends.Min() > 1e-6)
                Doubt("the voices of a tune are of different lengths, so that they may not be together", -1);
            begin = Math.Max(begin, ends.DefaultIfEmpty(begin).Max());
        }
        foreach (AbcVoice voice in voices.Values) voice.Finish();
        return Score.Of(voices.Values.SelectMany(voice => voice.Notes), tune.Title) with { QuartersPerMinute = tune.QuartersPerMinute };
    }

    private static UserErrorException TooLong(AbcTune tune) => new(FormattableString.Invariant(
        $"{tune.Source}, line {tune.Line}: the tune plays more than {AbcUnfolding.MaxPlayed:N0} notes and signs; a repeat in it is wrong."));

    /// <summary>What stands between two marks of parts, for each voice the places of its tokens.</summary>
    private sealed class Section(string name)
    {
        public string Name => name;

        public Dictionary<string, List<int>> Voices { get; } = [];
    }

    // Sections in the order of the text; each voice enters one with the key, meter and unit that it had where the section stands.
    private static List<Section> SectionsOf(AbcTune tune)
    {
        Dictionary<string, Section> named = [];
        List<Section> sections = [];
        bool byParts = tune.Order.Length > 0;
        string voice = First;
        List<int> shared = [];                                                  // fields before the first voice are for all
        Dictionary<string, Dictionary<char, int>> inForce = [];
        bool alone = true;
        Section now = Named("");
        for (int i = 0; i < tune.Tokens.Count; i++)
        {
            string token = tune.Tokens[i];
            char field = AbcTune.KindOf(token) == AbcKind.Field ? token[1] : '\0';
            if (field == 'P' && byParts) now = Named(token[3..^1].Trim());
            if (field == 'P') continue;
            if (field == 'V') (voice, alone) = (NameOf(token), false);
            if (alone && field != '\0') shared.Add(i);
            else if (field == '\0') alone = false;
            if (alone && field != '\0') continue;
            Add(i, field);
        }
        return sections;

        Section Named(string name)
        {
            if (!named.TryGetValue(name, out Section? section)) sections.Add(named[name] = section = new Section(name));
            return section;
        }

        void Add(int place, char field)
        {
            if (!inForce.TryGetValue(voice, out Dictionary<char, int>? fields))
            {
                if (inForce.Count == MaxVoices)
                    throw new UserErrorException($"{tune.Source}, line {tune.LineOf(place)}: expected at most {MaxVoices} voices, found more.");
                inForce[voice] = fields = [];
                foreach (int one in shared) fields[tune.Tokens[one][1]] = one;
            }
            if (!now.Voices.TryGetValue(voice, out List<int>? places)) now.Voices[voice] = places = [.. fields.Values.Order()];
            places.Add(place);
            if (field != '\0') fields[field] = place;
        }
    }

    private static string NameOf(string voice)
    {
        string text = voice[3..^1].Trim();
        int blank = text.IndexOfAny([' ', '\t']);
        return blank < 0 ? text : text[..blank];
    }

    // The sections as they are played, each with the pass whose endings it takes; 0: its own repeats are played out.
    private static IEnumerable<(Section Section, int Pass)> Ordered(
        AbcTune tune, List<Section> sections, IReadOnlyList<char> order, Action<string, int> doubt)
    {
        if (tune.Order.Length > 0 && (order.Count == 0 || sections.Count == 1))
            doubt(order.Count == 0 ? "the order of parts in P: is not understood, and they are played as they stand"
                : "P: gives an order of parts and none is marked, and the tune is played as it stands", -1);
        if (order.Count == 0 || sections.Count == 1) return sections.Select(section => (section, 0));
        List<(Section, int)> played = [.. sections.Where(section => section.Name.Length == 0).Select(section => (section, 0))];
        Dictionary<char, int> times = [];
        Dictionary<Section, (int Endings, bool Repeats)> signs = sections.ToDictionary(section => section, section =>
        {
            string[] tokens = [.. section.Voices.Values.SelectMany(places => places).Select(place => tune.Tokens[place])];
            return (AbcUnfolding.Endings(tokens), AbcUnfolding.Repeats(tokens));
        });
        for (int i = 0; i < order.Count; i++)
        {
            char name = order[i];
            if (sections.FirstOrDefault(section => section.Name == name.ToString()) is not { } section)
            {
                doubt("a part in the order P: is not marked in the tune and is left out", -1);
                continue;
            }
            ((int endings, bool repeats), int run) = (signs[section], 1);
            times[name] = times.GetValueOrDefault(name) + 1;
            if (endings > 0 && !repeats) played.Add((section, times[name]));
            else
            {
                played.Add((section, 0));
                // A4 with endings 1 to 4 is played four times, not four times four
                while (endings > 1 && run < endings && i + 1 < order.Count && order[i + 1] == name) (i, run) = (i + 1, run + 1);
            }
        }
        if (sections.Any(section => section.Name.Length > 0 && (section.Name.Length > 1 || !order.Contains(section.Name[0]))))
            doubt("a part is marked and is not in the order P:, so that it is not played", -1);
        return played;
    }
}
