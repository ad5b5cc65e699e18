using Unroll.Core;
using Unroll.Tasks.Synthetic;

namespace Unroll.Cli.Lab.Zoo;

//  sentence = clause ". " | "(" clause ") "
//  clause   = noun phrase [ " that " noun phrase verb ] verb [ noun phrase ]      each verb agrees with its noun: "the dog that two cats see sleeps"

/// <summary>
/// A character model of made-up English: after each character of a text the next one is asked for. The sentences are generated, so that there is
/// always more text and its entropy is known; a verb agrees with its noun across a relative clause, and a parenthesis must be closed.
/// </summary>
internal sealed class GeneratedText : ISequenceProblem
{
    private const int BaselineTexts = 400;
    private static readonly string[] Nouns =
        ["dog", "cat", "owl", "hen", "girl", "boy", "king", "bird", "duck", "horse", "goat", "crow", "snail", "queen", "lion", "bear"];
    private static readonly string[] Singular = ["the", "a", "my", "this"], Plural = ["the", "two", "many", "some"];
    private static readonly string[] Acts = ["see", "like", "find", "call", "meet", "know", "hear", "greet"];
    private static readonly string[] States = ["run", "sleep", "sing", "wait", "swim", "laugh", "rest", "jump"];
    private static readonly string Alphabet = string.Concat(
        string.Concat([.. Nouns, .. Singular, .. Plural, .. Acts, .. States, "that", "s .()"]).Distinct().Order());

    /// <summary>Makes the problem.</summary>
    /// <param name="length">Characters that the network sees, at least 1.</param>
    internal GeneratedText(int length)
    {
        Length = length;
        (BaselineLoss, Entropy) = Measure(length);
    }

    public string Name => "text";

    public string Question => "the next character of generated sentences";

    public int Length { get; }

    public int MinSteps => Length;

    public int MaxSteps => Length;

    public int Inputs => Alphabet.Length;

    public int Outputs => Alphabet.Length;

    public bool AnswersAreClasses => true;

    public bool OneAnswer => false;

    public int AnswerSteps => Length;

    /// <summary>The entropy of single characters: what knowing how frequent each is gives.</summary>
    public double BaselineLoss { get; }

    public double? BaselineAccuracy => null;

    /// <summary>Nats per character of the generator itself, the mean over whole sentences: no model is below it on long texts.</summary>
    internal double Entropy { get; }

    public ProblemSequence Draw(int steps, Rng random)
    {
        string text = Text(steps + 1, random, out _);
        float[] x = new float[steps * Inputs], answers = new float[steps];
        for (int t = 0; t < steps; t++)
        {
            x[t * Inputs + Alphabet.IndexOf(text[t])] = 1;
            answers[t] = Alphabet.IndexOf(text[t + 1]);
        }
        return new ProblemSequence(x, answers);
    }

    /// <summary>Whole sentences, so many that there are at least <paramref name="characters"/>.</summary>
    internal static string Text(int characters, Rng random, out double nats)
    {
        Sentences sentences = new(random);
        while (sentences.Text.Length < characters) sentences.Add();
        nats = sentences.Nats;
        return sentences.Text.ToString();
    }

    private static (double Single, double Entropy) Measure(int length)
    {
        double nats = 0;
        long characters = 0;
        int[] counts = new int[Alphabet.Length];
        for (int i = 0; i < BaselineTexts; i++)
        {
            string text = Text(length + 1, new Rng(0).For("baseline").At((ulong)i), out double own);
            (nats, characters) = (nats + own, characters + text.Length);
            for (int t = 1; t <= length; t++) counts[Alphabet.IndexOf(text[t])]++;
        }
        double all = counts.Sum();
        return (counts.Where(count => count > 0).Sum(count => -count / all * Math.Log(count / all)), nats / characters);
    }

    // Every choice is among equally likely ones, and the text says what was chosen: the nats of a text are the sum of ln (how many there were).
    private sealed class Sentences(Rng random)
    {
        private ulong _draws;

        internal System.Text.StringBuilder Text { get; } = new();

        internal double Nats { get; private set; }

        internal void Add()
        {
            bool aside = Below(4) == 0;
            if (aside) Text.Append('(');
            Clause();
            Text.Append(aside ? ") " : ". ");
        }

        private void Clause()
        {
            bool many = NounPhrase();
            if (Below(3) == 0)
            {
                Text.Append(" that ");
                Verb(Acts, NounPhrase());
            }
            if (Below(2) == 0) Verb(States, many);
            else
            {
                Verb(Acts, many);
                Text.Append(' ');
                NounPhrase();
            }
        }

        private bool NounPhrase()
        {
            bool many = Below(2) == 0;
            Text.Append(Of(many ? Plural : Singular)).Append(' ').Append(Of(Nouns)).Append(many ? "s" : "");
            return many;
        }

        private void Verb(string[] verbs, bool many) => Text.Append(' ').Append(Of(verbs)).Append(many ? "" : "s");

        private string Of(string[] words) => words[Below(words.Length)];

        private int Below(int bound)
        {
            Nats += Math.Log(bound);
            return random.Below(bound, _draws++);
        }
    }
}
