using System.CommandLine;
using System.Text;
using Unroll.Core;
using Unroll.Files;
using Unroll.Tasks.Data.Text;
using Unroll.Tasks.Language;
using Unroll.Tasks.Shared;

namespace Unroll.Cli.Tasks;

/// <summary><c>unroll sample MODEL</c> of a language model: it writes on from a prompt.</summary>
internal static class LanguageSample
{
    internal static ModelVerb Make()
    {
        Option<string> prompt = Opt.String("--prompt", "TEXT", "what the text begins with (default: the beginning of a line)"),
            output = Opt.String("--output", "FILE", "write the text there (default: standard output)");
        Option<int?> length = Opt.Int("--length", "N", "symbols to write (default: 500 characters, 100 words)"),
            topK = Opt.Int("--top-k", "K", "draw among the K most probable symbols alone");
        Option<double?> temperature = Opt.Double("--temperature", "below 1 bolder, above 1 wilder, 0 always the most probable symbol (default 1)"),
            topP = Opt.Double("--top-p", "draw among the most probable symbols that together have this share");
        Option<ulong?> seed = Opt.Seed("--seed", "seed of the draws (default 1)");
        return new ModelVerb("Let a model write on from a prompt.", [prompt, length, temperature, topK, topP, seed, output], call =>
        {
            LanguageModel model = LanguageModel.Open(call.Path);
            SamplingOptions options = new() { Temperature = call.Get(temperature) ?? 1, TopK = call.Get(topK), TopP = call.Get(topP), Seed = call.Get(seed) ?? 1 };
            int symbols = call.Get(length) ?? (model.Description.Unit == TextUnit.Char ? 500 : 100);
            if (symbols < 0) throw new UserErrorException($"--length: expected a whole number of at least 0, got {symbols}.");
            string begin = call.Get(prompt) ?? "";
            int[] first = model.Encode(begin, openEnd: true);
            if (first.Contains(Vocabulary.Unknown)) call.Terminal.Error.WriteLine("note: the prompt has symbols that the model does not know.");
            string text = Write(model, options, begin, first, symbols);
            if (call.Get(output) is { } path)
            {
                TextFile.Write(path, text);
                call.Lines.WriteLine($"{symbols} {model.Description.Symbols} in {path}");
            }
            else call.Lines.WriteLine(text);
            call.WriteJson(json =>
            {
                json.WriteString("prompt", begin);
                json.WriteString("text", text);
                json.WriteNumber("symbols", symbols);
                json.WriteNumber("seed", options.Seed);
            });
            return CommandLine.Done;
        });
    }

    /// <summary>The prompt and what the model writes after it.</summary>
    internal static string Write(LanguageModel model, SamplingOptions options, string prompt, int[] first, int symbols)
    {
        LanguageSampler sampler = new(model, options, first);
        StringBuilder text = new(prompt);
        for (int i = 0; i < symbols; i++) TextSymbols.Append(text, model.Description.Vocabulary.Symbols[sampler.Next()], model.Description.Unit);
        return text.ToString();
    }
}
