// Trains, saves, opens and asks a model of any task by its name; where the task has sessions, step by step too.
//   dotnet run --project samples/any-task -- lm epochs=1 hidden=32 'step="The old "' 'step={"draw":40}'
using System.Text.Json;
using Unroll.Tasks;
using Unroll.Tasks.Data;
using Unroll.Tasks.Shared;

ITask task = TaskList.Find(args[0]);
(string Name, string Value)[] words = [.. args[1..].Select(word => (word.Split('=')[0], word[(word.IndexOf('=') + 1)..]))];

// the options of the task by name; every task has those of network and learning. What does not fit together is refused when a run begins
TaskOptions options = words.Where(word => word.Name != "step")
    .Aggregate(task.Defaults, (all, word) => (TaskOptions)task.Options.Parse(all, word.Name, word.Value));

// README: any
// train, measure on the test part, save
ITaskRun run = task.Begin(options, DataFiles.Disk, new RunSettings { Note = Console.Error.WriteLine });
TaskEvaluation? test = run.Train();
Console.WriteLine(test?.ToJson() ?? "nothing was measured");
string path = Path.Combine(Path.GetTempPath(), $"{task.Name}.safetensors");
run.Model.Save(path);

// open, and ask for answers to data: here the data of the training
ITaskModel model = TaskList.Open(path);
object question = task.Predict.Options.Parse(task.Predict.Defaults, "data", string.Join(',', options.Data));
TaskAnswer answer = task.Predict.Ask(model, question, new TaskCall(DataFiles.Disk));
Console.WriteLine(answer.ToJson());

// one step in, an answer out
if (model.NewSession() is { } session)
    foreach ((_, string step) in words.Where(word => word.Name == "step"))
        Console.WriteLine(session.Step(JsonDocument.Parse(step).RootElement).ToJson());
// end
