using Unroll.Core;
using Unroll.Tasks.Data.Music;
using Unroll.Tasks.Music;

namespace Unroll.Serving.Http;

/// <summary>What a tune sounds like that is written in the symbols of a model.</summary>
internal sealed class NoteEndpoints(SessionHost host)
{
    private const int MostSymbols = 4_000, MostNotes = 20_000;

    /// <summary>
    /// <c>POST /v1/models/{model}/notes</c> with <c>{"symbols": […]}</c>: the notes that they stand for, each a pitch, when it begins and how long
    /// it sounds in quarter notes, and how loud.
    /// </summary>
    public async Task Notes(Exchange exchange)
    {
        if (host.Models.Find(exchange["model"]).Model is not MusicModel { Kind: MusicKind.Tune })
            throw new ServingException(Refusal.Invalid, "only models of tunes write symbols; the steps of others are the pitches themselves.");
        string[] symbols = [.. await exchange.Read(json => json.Texts("symbols"))];
        if (symbols.Length > MostSymbols)
            throw new ServingException(Refusal.Invalid, $"symbols: expected at most {MostSymbols}, got {symbols.Length}.");
        if (symbols.Contains("")) throw new ServingException(Refusal.Invalid, "symbols: expected symbols of a tune, found an empty one.");
        Score score = AbcPlayer.ToScore(AbcReader.Read(MusicData.ToAbc(symbols, "composed"), "the tune")[0]);
        await exchange.Answer(json =>
        {
            json.WriteNumber("tempo", score.QuartersPerMinute);
            json.WriteStartArray("notes");
            foreach (Note note in score.Notes.Take(MostNotes))
            {
                json.WriteStartArray();
                json.WriteNumberValue(note.Pitch);
                json.WriteNumberValue(Math.Round(note.Start, 4));
                json.WriteNumberValue(Math.Round(note.Duration, 4));
                json.WriteNumberValue(note.Velocity);
                json.WriteEndArray();
            }
            json.WriteEndArray();
        });
    }
}
