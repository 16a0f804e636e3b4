using System.Text;

namespace DataSsl.Runtime.Data;

/// <summary>
/// One spelling of letters with marks: some systems store an accent with its letter, others behind it. .NET leaves that to libraries of the
/// system, which the program does without.
/// </summary>
internal static class Composition
{
    private const int FirstSyllable =
        0xAC00, FirstLead = 0x1100, FirstVowel = 0x1161, BeforeTails = 0x11A7, Leads = 19, Vowels = 21, Tails = 28;

    /// <summary>
    /// For each mark the letters that it goes with, each followed by both in one, as Unicode's canonical composition has them.
    /// </summary>
    private static readonly Dictionary<(char Letter, char Mark), char> composed = Pairs()
        .ToDictionary(p => (p.Letter, p.Mark), p => p.Both);

    /// <summary>The text with each letter and the mark behind it in one, where there is one for them.</summary>
    public static string Of(string text)
    {
        if (text.All(char.IsAscii)) return text;
        var result = new StringBuilder(text.Length);
        foreach (var next in text)
        {
            if (result.Length > 0 && Both(result[^1], next) is { } both) result[^1] = both;
            else result.Append(next);
        }
        return result.ToString();
    }

    private static char? Both(char letter, char mark)
    {
        if (letter - FirstLead is >= 0 and < Leads and var lead && mark - FirstVowel is >= 0 and < Vowels and var vowel)
            return (char)(FirstSyllable + (lead * Vowels + vowel) * Tails);
        if (letter - FirstSyllable is >= 0 and < Leads * Vowels * Tails and var syllable && syllable % Tails == 0
            && mark - BeforeTails is > 0 and < Tails and var tail)
            return (char)(letter + tail);
        return composed.TryGetValue((letter, mark), out var both) ? both : null;
    }

    private static IEnumerable<(char Letter, char Mark, char Both)> Pairs()
    {
        (char Mark, string Letters)[] table =
        [
            ('\u0300', "AÀEÈIÌOÒUÙaàeèiìoòuùÜǛüǜNǸnǹЕЀИЍеѐиѝĒḔēḕŌṐōṑWẀwẁÂẦâầĂẰăằÊỀêềÔỒôồƠỜơờƯỪưừYỲyỳἀἂἁἃἈἊἉἋἐἒἑἓἘἚἙἛἠἢἡἣἨἪ"),
            ('\u0300', "ἩἫἰἲἱἳἸἺἹἻὀὂὁὃὈὊὉὋὐὒὑὓὙὛὠὢὡὣὨὪὩὫαὰεὲηὴιὶοὸυὺωὼΑᾺΕῈΗῊ᾿῍ϊῒΙῚ῾῝ϋῢΥῪ¨῭ΟῸΩῺ"),
            ('\u0301', "AÁEÉIÍOÓUÚYÝaáeéiíoóuúyýCĆcćLĹlĺNŃnńRŔrŕSŚsśZŹzźÜǗüǘGǴgǵÅǺåǻÆǼæǽØǾøǿ¨΅ΑΆΕΈΗΉΙΊΟΌΥΎΩΏϊΐαάεέηήιίϋΰοό"),
            ('\u0301', "υύωώϒϓГЃКЌгѓкќÇḈçḉĒḖēḗÏḮïḯKḰkḱMḾmḿÕṌõṍŌṒōṓPṔpṕŨṸũṹWẂwẃÂẤâấĂẮăắÊẾêếÔỐôốƠỚơớƯỨưứἀἄἁἅἈἌἉἍἐἔἑἕἘἜἙἝἠἤἡἥ"),
            ('\u0301', "ἨἬἩἭἰἴἱἵἸἼἹἽὀὄὁὅὈὌὉὍὐὔὑὕὙὝὠὤὡὥὨὬὩὭ᾿῎῾῞"),
            ('\u0302', "AÂEÊIÎOÔUÛaâeêiîoôuûCĈcĉGĜgĝHĤhĥJĴjĵSŜsŝWŴwŵYŶyŷZẐzẑẠẬạậẸỆẹệỌỘọộ"),
            ('\u0303', "AÃNÑOÕaãnñoõIĨiĩUŨuũVṼvṽÂẪâẫĂẴăẵEẼeẽÊỄêễÔỖôỗƠỠơỡƯỮưữYỸyỹ"),
            ('\u0304', "AĀaāEĒeēIĪiīOŌoōUŪuūÜǕüǖÄǞäǟȦǠȧǡÆǢæǣǪǬǫǭÖȪöȫÕȬõȭȮȰȯȱYȲyȳИӢиӣУӮуӯGḠgḡḶḸḷḹṚṜṛṝαᾱΑᾹιῑΙῙυῡΥῩ"),
            ('\u0306', "AĂaăEĔeĕGĞgğIĬiĭOŎoŏUŬuŭУЎИЙийуўЖӁжӂАӐаӑЕӖеӗȨḜȩḝẠẶạặαᾰΑᾸιῐΙῘυῠΥῨ"),
            ('\u0307', "CĊcċEĖeėGĠgġIİZŻzżAȦaȧOȮoȯBḂbḃDḊdḋFḞfḟHḢhḣMṀmṁNṄnṅPṖpṗRṘrṙSṠsṡŚṤśṥŠṦšṧṢṨṣṩTṪtṫWẆwẇXẊxẋYẎyẏſẛ"),
            ('\u0308', "AÄEËIÏOÖUÜaäeëiïoöuüyÿYŸΙΪΥΫιϊυϋϒϔЕЁІЇеёіїАӒаӓӘӚәӛЖӜжӝЗӞзӟИӤиӥОӦоӧӨӪөӫЭӬэӭУӰуӱЧӴчӵЫӸыӹHḦhḧÕṎõṏŪṺūṻWẄwẅXẌxẍtẗ"),
            ('\u0309', "AẢaảÂẨâẩĂẲăẳEẺeẻÊỂêểIỈiỉOỎoỏÔỔôổƠỞơởUỦuủƯỬưửYỶyỷ"),
            ('\u030A', "AÅaåUŮuůwẘyẙ"),
            ('\u030B', "OŐoőUŰuűУӲуӳ"),
            ('\u030C', "CČcčDĎdďEĚeěLĽlľNŇnňRŘrřSŠsšTŤtťZŽzžAǍaǎIǏiǐOǑoǒUǓuǔÜǙüǚGǦgǧKǨkǩƷǮʒǯjǰHȞhȟ"),
            ('\u030F', "AȀaȁEȄeȅIȈiȉOȌoȍRȐrȑUȔuȕѴѶѵѷ"),
            ('\u0311', "AȂaȃEȆeȇIȊiȋOȎoȏRȒrȓUȖuȗ"),
            ('\u0313', "αἀΑἈεἐΕἘηἠΗἨιἰΙἸοὀΟὈυὐωὠΩὨρῤ"),
            ('\u0314', "αἁΑἉεἑΕἙηἡΗἩιἱΙἹοὁΟὉυὑΥὙωὡΩὩρῥΡῬ"),
            ('\u031B', "OƠoơUƯuư"),
            ('\u0323', "BḄbḅDḌdḍHḤhḥKḲkḳLḶlḷMṂmṃNṆnṇRṚrṛSṢsṣTṬtṭVṾvṿWẈwẉZẒzẓAẠaạEẸeẹIỊiịOỌoọƠỢơợUỤuụƯỰưựYỴyỵ"),
            ('\u0324', "UṲuṳ"),
            ('\u0325', "AḀaḁ"),
            ('\u0326', "SȘsșTȚtț"),
            ('\u0327', "CÇcçGĢgģKĶkķLĻlļNŅnņRŖrŗSŞsşTŢtţEȨeȩDḐdḑHḨhḩ"),
            ('\u0328', "AĄaąEĘeęIĮiįUŲuųOǪoǫ"),
            ('\u032D', "DḒdḓEḘeḙLḼlḽNṊnṋTṰtṱUṶuṷ"),
            ('\u032E', "HḪhḫ"),
            ('\u0330', "EḚeḛIḬiḭUṴuṵ"),
            ('\u0331', "BḆbḇDḎdḏKḴkḵLḺlḻNṈnṉRṞrṟTṮtṯZẔzẕhẖ"),
            ('\u0338', "←↚→↛↔↮⇐⇍⇔⇎⇒⇏∃∄∈∉∋∌∣∤∥∦∼≁≃≄≅≇≈≉=≠≡≢≍≭<≮>≯≤≰≥≱≲≴≳≵≶≸≷≹≺⊀≻⊁⊂⊄⊃⊅⊆⊈⊇⊉⊢⊬⊨⊭⊩⊮⊫⊯≼⋠≽⋡⊑⋢⊒⋣⊲⋪⊳⋫⊴⋬⊵⋭"),
            ('\u0342', "ἀἆἁἇἈἎἉἏἠἦἡἧἨἮἩἯἰἶἱἷἸἾἹἿὐὖὑὗὙὟὠὦὡὧὨὮὩὯαᾶ¨῁ηῆ᾿῏ιῖϊῗ῾῟υῦϋῧωῶ"),
            ('\u0345', "ἀᾀἁᾁἂᾂἃᾃἄᾄἅᾅἆᾆἇᾇἈᾈἉᾉἊᾊἋᾋἌᾌἍᾍἎᾎἏᾏἠᾐἡᾑἢᾒἣᾓἤᾔἥᾕἦᾖἧᾗἨᾘἩᾙἪᾚἫᾛἬᾜἭᾝἮᾞἯᾟὠᾠὡᾡὢᾢὣᾣὤᾤὥᾥὦᾦὧᾧὨᾨὩᾩὪᾪὫᾫὬᾬὭᾭὮᾮὯᾯὰᾲ"),
            ('\u0345', "αᾳάᾴᾶᾷΑᾼὴῂηῃήῄῆῇΗῌὼῲωῳώῴῶῷΩῼ"),
            ('\u0653', "اآ"),
            ('\u0654', "اأوؤيئەۀہۂےۓ"),
            ('\u0655', "اإ"),
            ('\u093C', "नऩरऱळऴ"),
            ('\u09BE', "\u09C7\u09CB"),
            ('\u09D7', "\u09C7\u09CC"),
            ('\u0B3E', "\u0B47\u0B4B"),
            ('\u0B56', "\u0B47\u0B48"),
            ('\u0B57', "\u0B47\u0B4C"),
            ('\u0BBE', "\u0BC6\u0BCA\u0BC7\u0BCB"),
            ('\u0BD7', "ஒஔ\u0BC6\u0BCC"),
            ('\u0C56', "\u0C46\u0C48"),
            ('\u0CC2', "\u0CC6\u0CCA"),
            ('\u0CD5', "\u0CBF\u0CC0\u0CC6\u0CC7\u0CCA\u0CCB"),
            ('\u0CD6', "\u0CC6\u0CC8"),
            ('\u0D3E', "\u0D46\u0D4A\u0D47\u0D4B"),
            ('\u0D57', "\u0D46\u0D4C"),
            ('\u0DCA', "\u0DD9\u0DDA\u0DDC\u0DDD"),
            ('\u0DCF', "\u0DD9\u0DDC"),
            ('\u0DDF', "\u0DD9\u0DDE"),
            ('\u102E', "ဥဦ"),
            ('\u1B35', "ᬅᬆᬇᬈᬉᬊᬋᬌᬍᬎᬑᬒ\u1B3A\u1B3B\u1B3C\u1B3D\u1B3E\u1B40\u1B3F\u1B41\u1B42\u1B43"),
            ('\u3099', "かがきぎくぐけげこごさざしじすずせぜそぞただちぢつづてでとどはばひびふぶへべほぼうゔゝゞカガキギクグケゲコゴサザシジスズセゼソゾタダチヂツヅテデトドハバヒビフブヘベホボウヴワヷヰヸヱヹヲヺヽヾ"),
            ('\u309A', "はぱひぴふぷへぺほぽハパヒピフプヘペホポ"),
        ];
        foreach (var (mark, letters) in table)
            for (var i = 0; i < letters.Length; i += 2) yield return (letters[i], mark, letters[i + 1]);
    }
}
