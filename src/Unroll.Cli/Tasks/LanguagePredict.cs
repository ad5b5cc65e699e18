using System.CommandLine;
using System.Globalization;
using System.Text;
using Unroll.Files;
using Unroll.Numerics;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll predict MODEL</c> of a language model: how surprising each symbol of a text is, as CSV.</summary>
internal static class LanguagePredict
{
    internal static ModelVerb Make()
    {
        Option<string> data = Opt.String("--data", "FILE|-", "the text (default: standard input)"),
            output = Opt.String("--output", "FILE.csv", "write the table there (default: standard output)");
        return new ModelVerb("Score a text: −ln of the probability of each symbol after those before it.", [data, output], call =>
        {
            LanguageModel model = LanguageModel.Open(call.Path);
            int[] symbols = model.Encode(LanguageText.ReadFile(call.Get(data) ?? "-", call.In));
            using ThreadTeam threads = call.Team();
            LanguageScores scores = model.Score(symbols, threads);
            string total = FormattableString.Invariant(
                $"{scores.Count} {model.Description.Symbols}, {scores.Total:F4} nats, {scores.Mean:F4} each, {scores.Bits:F4} bits, perplexity {scores.Perplexity:F3}");
            if (call.Get(output) is { } path)
            {
                AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(Csv(model, symbols, scores))));
                call.Lines.WriteLine($"{total}; in {path}");
            }
            else
            {
                call.Lines.Write(Csv(model, symbols, scores));
                call.Terminal.Error.WriteLine(total);
            }
            call.WriteJson(json =>
            {
                json.WriteNumber("symbols", scores.Count);
                json.WriteNumber("unknown", scores.Unknown);
                json.Number("total_nats", scores.Total);
                json.Number("nats", scores.Mean);
                json.Number("bits", scores.Bits);
                json.Number("perplexity", scores.Perplexity);
                json.WriteStartArray("scores");
                for (int i = 0; i < symbols.Length; i++)
                {
                    json.WriteStartObject();
                    json.WriteString("symbol", model.Description.Vocabulary.Symbols[symbols[i]]);
                    json.Number("nats", scores.Nats[i]);
                    json.WriteString("best", model.Description.Vocabulary.Symbols[scores.Best[i]]);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            });
            return CommandLine.Done;
        });
    }

    // symbol, −ln p, the most probable symbol in its place
    private static string Csv(LanguageModel model, int[] symbols, LanguageScores scores)
    {
        Vocabulary vocabulary = model.Description.Vocabulary;
        StringBuilder csv = new("symbol,nats,best\n");
        for (int i = 0; i < symbols.Length; i++)
            csv.Append(Field(vocabulary.Symbols[symbols[i]])).Append(CultureInfo.InvariantCulture, $",{scores.Nats[i]:F4},")
                .Append(Field(vocabulary.Symbols[scores.Best[i]])).Append('\n');
        return csv.ToString();
    }

    private static string Field(string text) => text.AsSpan().IndexOfAny(",\"\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"")}\"";
}
