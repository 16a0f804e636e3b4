using DataSsl.Generator.Diagnostics;
using DataSsl.Generator.Parsing;
using DataSsl.Runtime;
using DataSsl.Runtime.Data;
using DataSsl.Runtime.Views;

namespace DataSsl.Cli.Recipes;

/// <summary>
/// Reads a plan of views that is written out: <c>crops</c>, each as many views of one recipe, and <c>pairs</c> of crops that share a
/// weight. Where no pairs are given, every view that gives targets is compared with every other view that the student sees, all alike.
/// </summary>
internal sealed class ViewPlanReader(RecipeValues values, int size)
{
    private sealed record Crop(string Name, int Count, ViewRecipe Recipe, ViewRoles Roles, int First);

    /// <summary>The plan; null after a report.</summary>
    /// <param name="map">The mapping.</param>
    /// <exception cref="UserException">Every value is sound, but together they are no plan.</exception>
    public ViewPlan? Read(YamlMap map)
    {
        var name = YamlMap.Word(map.Optional("name"), "name", values.Errors)?.Text ?? "own";
        var crops = Crops(map.Required("crops"));
        var terms = map.Optional("pairs") is { } pairs ? Pairs(pairs, crops) : AllPairs(crops);
        map.Finish();
        if (values.Errors.Any) return null;
        var views = crops.SelectMany(
            crop =>
                Enumerable.Range(1, crop.Count)
                    .Select(i => new PlannedView(crop.Count == 1 ? crop.Name : $"{crop.Name} {i}", crop.Recipe, crop.Roles)));
        var plan = new ViewPlan(name, [.. views], terms);
        plan.Check();
        return plan;
    }

    private List<Crop> Crops(YamlNode? node)
    {
        var crops = new List<Crop>();
        foreach (var item in Items(node, "crops"))
        {
            if (YamlMap.From(item, values.Errors, "crop") is not { } map) continue;
            var name = YamlMap.Word(map.Required("name"), "name", values.Errors)?.Text ?? "";
            if (crops.Any(crop => crop.Name == name)) values.Errors.Report(Descriptors.Duplicate, item, name);
            var count = values.Count(map.Optional("count"), "count", 1, ViewBounds.Most);
            var roles = Roles(map.Optional("seen-by"));
            crops.Add(new(name, count, Recipe(map), roles, crops.Sum(crop => crop.Count)));
            map.Finish();
        }
        return crops;
    }

    private ViewRecipe Recipe(YamlMap map)
    {
        var recipe = new ViewRecipe { Size = values.Count(map.Optional("size"), "size", size, ViewBounds.Size.To) };
        recipe = recipe with
        {
            Area = values.Range(map.Optional("area"), "area", recipe.Area, ViewBounds.Area),
            Aspect = values.Range(map.Optional("aspect"), "aspect", recipe.Aspect, ViewBounds.Aspect),
            Interpolation = values.Word(map.Optional("interpolation"), "interpolation", "bilinear", "bilinear", "bicubic") == "bicubic"
                ? Interpolation.Bicubic
                : Interpolation.Bilinear,
            FlipChance = values.Number(map.Optional("flip"), "flip", 0, ViewBounds.Chance),
            GrayChance = values.Number(map.Optional("gray"), "gray", 0, ViewBounds.Chance),
            SolarizeChance = values.Number(map.Optional("solarize"), "solarize", 0, ViewBounds.Chance),
        };
        if (map.OptionalMap("jitter") is { } jitter)
        {
            recipe = recipe with
            {
                JitterChance = values.Number(jitter.Optional("chance"), "chance", 1, ViewBounds.Chance),
                Brightness = values.Number(jitter.Optional("brightness"), "brightness", 0, ViewBounds.Strength),
                Contrast = values.Number(jitter.Optional("contrast"), "contrast", 0, ViewBounds.Strength),
                Saturation = values.Number(jitter.Optional("saturation"), "saturation", 0, ViewBounds.Strength),
                Hue = values.Number(jitter.Optional("hue"), "hue", 0, ViewBounds.Hue),
            };
            jitter.Finish();
        }
        if (map.OptionalMap("blur") is { } blur)
        {
            recipe = recipe with
            {
                BlurChance = values.Number(blur.Optional("chance"), "chance", 1, ViewBounds.Chance),
                BlurSigma = values.Range(blur.Required("sigma"), "sigma", recipe.BlurSigma, ViewBounds.Sigma),
            };
            blur.Finish();
        }
        return recipe;
    }

    private ViewRoles Roles(YamlNode? node)
    {
        if (node is null) return ViewRoles.Student | ViewRoles.Teacher;
        ViewRoles roles = 0;
        foreach (var item in node is YamlList list ? list.Items : [node])
            roles |= values.Word(item, "seen-by", "student", "student", "teacher") == "teacher" ? ViewRoles.Teacher : ViewRoles.Student;
        return roles;
    }

    private List<ViewTerm> Pairs(YamlNode node, List<Crop> crops)
    {
        var terms = new List<ViewTerm>();
        string[] names = [.. crops.Select(crop => crop.Name)];
        foreach (var item in Items(node, "pairs"))
        {
            if (YamlMap.From(item, values.Errors, "pair") is not { } map) continue;
            var target = crops.Find(crop => crop.Name == values.Word(map.Required("target"), "target", "", names));
            var prediction = crops.Find(crop => crop.Name == values.Word(map.Required("prediction"), "prediction", "", names));
            var weight = values.Number(map.Required("weight"), "weight", 0, ViewBounds.Weight);
            map.Finish();
            if (target is null || prediction is null) continue;
            var pairs = Between(target, prediction).ToList();
            if (pairs.Count == 0)
                values.Errors.Report(Descriptors.WrongType, item, "pair", "of two views: a crop of one view is no pair by itself");
            terms.AddRange(pairs.Select(pair => new ViewTerm(pair.Target, pair.Prediction, weight / pairs.Count)));
        }
        return terms;
    }

    /// <summary>Targets are the teacher's views, or the student's where the teacher sees none.</summary>
    private static List<ViewTerm> AllPairs(List<Crop> crops)
    {
        var source = crops.Any(crop => crop.Roles.HasFlag(ViewRoles.Teacher)) ? ViewRoles.Teacher : ViewRoles.Student;
        var pairs = (from target in crops
                     where target.Roles.HasFlag(source)
                     from prediction in crops
                     where prediction.Roles.HasFlag(ViewRoles.Student)
                     from pair in Between(target, prediction)
                     select pair).ToList();
        // One view is compared with what a foreign teacher says of it.
        if (pairs.Count == 0 && crops is [{ Count: 1, Roles: ViewRoles.Student }]) return [new(0, 0, 1)];
        return [.. pairs.Select(pair => new ViewTerm(pair.Target, pair.Prediction, 1.0 / pairs.Count))];
    }

    private static IEnumerable<(int Target, int Prediction)> Between(Crop target, Crop prediction) =>
        from t in Enumerable.Range(target.First, target.Count)
        from p in Enumerable.Range(prediction.First, prediction.Count)
        where t != p
        select (t, p);

    private IReadOnlyList<YamlNode> Items(YamlNode? node, string key)
    {
        if (node is YamlList { Items: { Count: > 0 and <= ViewBounds.Most } items }) return items;
        if (node is not null) values.Errors.Report(Descriptors.WrongType, node, key, $"a list of 1 to {ViewBounds.Most}");
        return [];
    }
}
