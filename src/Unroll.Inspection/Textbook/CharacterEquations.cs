using Unroll.Cells;
using Unroll.Core;
using Unroll.Networks;

namespace Unroll.Inspection.Textbook;

//  y⟨t⟩ = [E[word⟨t⟩]; →h of the last character; ←h of the first]        a word of no characters: zeros in place of both

/// <summary>A word's row of a table beside what a recurrent layer in each direction reads in its characters.</summary>
internal sealed class CharacterEquations : ILayerEquations
{
    private readonly CharacterSpec _spec;
    private readonly EmbeddingEquations _words, _characters;
    private readonly DirectionEquations _forward, _reverse;

    public CharacterEquations(CharacterSpec spec, TextbookParameters parameters, CellCatalog cells)
    {
        _spec = spec;
        (Matrix w, Matrix dw) = parameters.Matrix($"{spec.Name}.weight", spec.Vocabulary, spec.Size);
        (Matrix c, Matrix dc) = parameters.Matrix($"{spec.Name}.characters.weight", spec.Characters, spec.CharacterSize);
        (_words, _characters) = (new EmbeddingEquations(spec.Name, w, dw), new EmbeddingEquations($"{spec.Name}.characters", c, dc));
        DirectionEquations Of(string suffix) => new(parameters, $"{spec.Spelling.Name}.", suffix, spec.Spelling, spec.CharacterSize, cells);
        (_forward, _reverse) = (Of("l0"), Of("l0_reverse"));
    }

    public string Name => _spec.Name;
    public int Outputs => _spec.Size + 2 * _forward.Outputs;

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given)
    {
        Word[] words = [.. x.Select(step => new Word(this, step, given))];
        return new Run(words, [.. words.Select(word => word.Output)]);
    }

    // One word: its own sequence of characters, with everything that its backward needs.
    private sealed class Word
    {
        private readonly CharacterEquations _layer;
        private readonly LayerRun _word, _characters;
        private readonly DirectionRun _forward, _reverse;
        private readonly int _inputs, _length;

        public Word(CharacterEquations layer, Vector step, Given given)
        {
            (_layer, _inputs) = (layer, step.Count);
            Vector[] characters = [.. step.Skip(1).TakeWhile(index => index != 0).Select(index => new Vector(index))];
            _length = characters.Length;
            _word = layer._words.Forward([new Vector(step[0])], given);
            _characters = layer._characters.Forward(characters, given);
            _forward = layer._forward.Forward(_characters.Outputs, given);
            _reverse = layer._reverse.Forward(_characters.Outputs, given);
        }

        public Vector Output => _word.Outputs[0].Above(_length == 0 ? Vector.Zeros(2 * _layer._forward.Outputs)
            : _forward.Outputs[^1].Above(_reverse.Outputs[0]));

        public Vector Backward(Vector dy, Given given)
        {
            int size = _layer._spec.Size, width = _layer._forward.Outputs;
            _word.Backward([dy.Part(0, size)], given);
            if (_length > 0)
            {
                //  δ→h goes to the last character, δ←h to the first
                Vector[] forward = [.. Enumerable.Range(1, _length).Select(t => t == _length ? dy.Part(size, width) : Vector.Zeros(width))];
                Vector[] reverse = [.. Enumerable.Range(0, _length).Select(t => t == 0 ? dy.Part(size + width, width) : Vector.Zeros(width))];
                IReadOnlyList<Vector> a = _forward.Backward(forward, given), b = _reverse.Backward(reverse, given);
                _characters.Backward([.. a.Zip(b, (one, other) => one + other)], given);
            }

            //  an index has no gradient
            return Vector.Zeros(_inputs);
        }
    }

    private sealed class Run(IReadOnlyList<Word> words, IReadOnlyList<Vector> outputs) : LayerRun(outputs)
    {
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) =>
            [.. words.Zip(dy, (word, d) => word.Backward(d, given))];
    }
}

/// <summary>What a linear-chain field hands on: the scores themselves; the paths over them are <see cref="CrfEquations"/>.</summary>
/// <param name="name">The layer's name.</param>
/// <param name="classes">Features of the input and of the output.</param>
internal sealed class ScoreEquations(string name, int classes) : ILayerEquations
{
    public string Name => name;
    public int Outputs => classes;

    public LayerRun Forward(IReadOnlyList<Vector> x, Given given) => new Run(x);

    private sealed class Run(IReadOnlyList<Vector> x) : LayerRun(x)
    {
        public override IReadOnlyList<Vector> Backward(IReadOnlyList<Vector> dy, Given given) => dy;
    }
}
