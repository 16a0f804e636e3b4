using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using DataSsl.Cli.Shared;
using DataSsl.Cli.Terminal;
using DataSsl.Jobs.Shared;
using DataSsl.Search.Walk;
using static TorchSharp.torch;

namespace DataSsl.Bench;

/// <summary><c>datassl bench search</c>: a whole space by the walk, against one subnet after the other.</summary>
internal static class BenchSearchVerb
{
    public static Command Create()
    {
        var (size, threads, json) = (Options.Size(), Options.Threads(), Options.Json());
        var images = NumberOption.Of("--images", Options.Count, 16, "Images that every subnet is scored on.");
        var sample = NumberOption.Of(
            "--sample", Options.Count, 24, "Subnets scored one by one; their rate is taken for that of the whole space.");
        var field = new FieldOptions(SearchBench.Peers);
        var command = new Command(
            "search",
            "Ranking a whole space by shared prefixes against one subnet after the other: our own code, TorchSharp, PyTorch, and both in "
                + "the released style.")
        {
            size, images, sample, threads, field.Peers, field.Against, json,
        };
        command.SetAction(parsed =>
        {
            var file = Path.Combine(PeerPrograms.Benchmarks, "search.space.yaml");
            var space = SpaceFileCompiler.Load(file);
            var side = space.CheckSize(parsed.GetValue(size) ?? space.InputSize);
            var count = parsed.GetValue(images);
            var few = parsed.GetValue(sample);
            var cores = parsed.GetValue(threads) ?? Environment.ProcessorCount;
            var standings = new SearchBench(space, file, side, count, cores, few, field.Read(parsed)).Run();
            var (all, macs) = (space.All().ToList(), new BlockMacs(space, side));
            var (trie, alone) = (macs.OfTrie(all), macs.OneByOne(all));
            if (parsed.GetValue(json))
            {
                var result = standings.Json();
                result["macs"] = new JsonObject { ["trie"] = trie, ["oneByOne"] = alone };
                Output.Json(result);
                return 0;
            }
            standings.Print("images x subnets a second", seconds => (count / seconds).ToString("0.0", CultureInfo.InvariantCulture));
            Output.Line(
                $"The whole space takes ours {space.Count * standings.Of[Entry.Ours].Seconds:0} s; {trie / 1e9:0.0} GMACs an image by the walk, {alone / 1e9:0.0} one by one ({(double)alone / trie:0.0} times)");
            return 0;
        });
        return command;
    }

    /// <summary>Our contestants, started by <c>bench search</c>.</summary>
    public static Command Worker(SpaceCatalogue spaces)
    {
        var (name, size, threads) = (Options.Space(), Options.Size(), Options.Threads());
        var images = NumberOption.Of("--images", Options.Count, 16, "Images that every subnet is scored on.");
        var command = new Command("search-worker", "One of our contestants of bench search.") { name, size, threads, images };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var space = spaces.Find(parsed.Required(name));
            set_num_threads(parsed.GetValue(threads) ?? Environment.ProcessorCount);
            return SearchWorker.Run(space, parsed.GetValue(images), parsed.GetValue(size) ?? space.InputSize);
        });
        return command;
    }
}
