using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using DataSsl.Search.Report;
using DataSsl.Search.Results;

namespace DataSsl.Search.Tests.Report;

/// <summary>
/// What the page's scripts are checked against, <c>told.d.ts</c>, is made from the types that are written into the page: here, by the
/// serialiser's own account of them. After a change of <see cref="PageData"/> run this once with VERIFY_ACCEPT=1.
/// </summary>
public sealed class PageTypesTests
{
    private readonly NullabilityInfoContext nullability = new();

    [Fact]
    public void The_scripts_know_what_the_page_is_told()
    {
        var (path, made) = (Path.Combine(Folder(), "../../../src/Search/Report/page/told.d.ts"), Declarations());
        if (Environment.GetEnvironmentVariable("VERIFY_ACCEPT") == "1" && Environment.GetEnvironmentVariable("CI") is null)
        {
            File.WriteAllText(path, made);
            Assert.Fail("told.d.ts is written anew");
        }
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), made);
    }

    private string Declarations()
    {
        var text = new StringBuilder("// Made from PageData.cs by PageTypesTests, which says how.\n");
        var (open, seen) = (new Queue<Type>([typeof(PageData), typeof(SurveyReport)]),
            new HashSet<Type> { typeof(PageData), typeof(SurveyReport) });
        while (open.TryDequeue(out var type))
        {
            text.Append($"\nexport interface {type.Name} {{\n");
            foreach (var property in PageDataContext.Default.GetTypeInfo(type)!.Properties.Where(property => property.Get is not null))
            {
                var member = (PropertyInfo)property.AttributeProvider!;
                var ignored = member.GetCustomAttribute<JsonIgnoreAttribute>();
                if (ignored?.Condition == JsonIgnoreCondition.Always) continue;
                var written = Written(nullability.Create(member), Meet);
                text.Append(
                    ignored?.Condition == JsonIgnoreCondition.WhenWritingNull
                        ? $"  {property.Name}?: {written.Replace(" | null", "", StringComparison.Ordinal)};\n"
                        : $"  {property.Name}: {written};\n");
            }
            text.Append("}\n");
        }
        return text.ToString();

        void Meet(Type type)
        {
            if (seen.Add(type)) open.Enqueue(type);
        }
    }

    /// <summary>A type as TypeScript has it.</summary>
    /// <param name="meet">Called with each one that needs a declaration.</param>
    private static string Written(NullabilityInfo info, Action<Type> meet)
    {
        var type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        return Bare() + (info.ReadState == NullabilityState.Nullable ? " | null" : "");

        string Bare()
        {
            if (type == typeof(string)) return "string";
            if (type == typeof(bool)) return "boolean";
            if (type.IsPrimitive) return "number";
            if (type.IsArray) return Many(info.ElementType!);
            if (type.IsGenericType)
                return type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)
                    ? $"Record<string, {Written(info.GenericTypeArguments[1], meet)}>"
                    : Many(info.GenericTypeArguments[0]);
            if (type.IsEnum)
                return PageDataContext.Default.GetTypeInfo(type)!.Kind == JsonTypeInfoKind.None
                    ? string.Join(" | ", Enum.GetNames(type).Select(name => $"'{name}'"))
                    : throw new NotSupportedException($"{type}: an enum that is no text");
            meet(type);
            return type.Name;
        }

        string Many(NullabilityInfo element)
        {
            var one = Written(element, meet);
            return element.ReadState == NullabilityState.Nullable ? $"({one})[]" : $"{one}[]";
        }
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
